namespace MrfAd.Agent.Mqtt;

/// <summary>Topic filters of MQTT: '+' stands for one level, a last '#' for all that follow.</summary>
public static class TopicFilter
{
    public static bool Matches(string filter, string topic)
    {
        // MQTT 5, 4.7.2: a wildcard at the start does not match the broker's own topics.
        if (topic.StartsWith('$') && filter[0] is '+' or '#')
            return false;

        var wanted = filter.Split('/');
        var levels = topic.Split('/');
        for (var i = 0; i < wanted.Length; i++)
        {
            if (wanted[i] == "#")
                return true;
            if (i == levels.Length || (wanted[i] != "+" && wanted[i] != levels[i]))
                return false;
        }

        return wanted.Length == levels.Length;
    }
}
