namespace MrfAd.Station.Options;

/// <summary>Matches topics with MQTT topic filters: '+' stands for one level, a last '#' for all levels that follow.</summary>
public static class TopicFilter
{
    private const string Share = "$share/";

    /// <returns>True where the topic matches the filter.</returns>
    /// <param name="filter">A filter, also one of a shared subscription, <c>$share/GROUP/FILTER</c>, whose last part is compared.</param>
    public static bool Matches(string filter, string topic)
    {
        filter = WithoutShare(filter);

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

    /// <summary>Returns true where a topic can match both filters, so that a broker would deliver its messages twice.</summary>
    public static bool Overlap(string one, string other)
    {
        var (a, b) = (WithoutShare(one).Split('/'), WithoutShare(other).Split('/'));
        for (var i = 0; i < Math.Min(a.Length, b.Length); i++)
        {
            if (a[i] == "#" || b[i] == "#")
                return true;
            if (a[i] != b[i] && a[i] != "+" && b[i] != "+")
                return false;
        }

        return a.Length == b.Length || (a.Length == b.Length + 1 && a[^1] == "#") || (b.Length == a.Length + 1 && b[^1] == "#");
    }

    /// <exception cref="ArgumentException">The filter is malformed: a broker would close the connection over it.</exception>
    public static void Check(string filter)
    {
        var levels = filter.Split('/');
        var isShared = filter.StartsWith(Share, StringComparison.Ordinal);
        if (isShared && (levels.Length < 3 || levels[1].Length == 0 || levels[1].AsSpan().ContainsAny("+#")))
            throw new ArgumentException($"'{filter}' is no shared subscription: want $share/GROUP/FILTER");
        if (isShared)
            levels = levels[2..];
        var valid = filter.Length > 0
            && levels.All(level => level is "+" or "#" || !level.AsSpan().ContainsAny("+#"))
            && !levels.SkipLast(1).Contains("#");
        if (!valid)
            throw new ArgumentException($"'{filter}' is no topic filter: '+' and '#' stand alone in their level, '#' in the last one");
    }

    /// <summary>Returns the filter itself of a shared subscription, <c>$share/GROUP/FILTER</c>; any other as it is.</summary>
    public static string WithoutShare(string filter) =>
        filter.StartsWith(Share, StringComparison.Ordinal) ? filter[(filter.IndexOf('/', Share.Length) + 1)..] : filter;
}
