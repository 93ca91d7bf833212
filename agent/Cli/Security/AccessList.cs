using System.Text;
using MrfAd.Contracts;
using MrfAd.Station.Options;

namespace MrfAd.Cli.Security;

/// <summary>The access list of a station's broker, as mosquitto reads it (<c>acl_file</c>).</summary>
public static class AccessList
{
    /// <summary>The user of the line, for example its PLC.</summary>
    public const string Line = "line";

    /// <summary>The user of a dashboard.</summary>
    public const string Dashboard = "dashboard";

    /// <summary>The user of the office.</summary>
    public const string Office = "office";

    /// <summary>Makes the list for a station, the line, a dashboard and the office.</summary>
    /// <param name="user">The station's user.</param>
    /// <exception cref="ArgumentException">The user name has a character that would end its line, or is that of another user.</exception>
    public static string For(StationOptions options, string user)
    {
        if (user.Length == 0 || user.Any(char.IsControl) || user.AsSpan().ContainsAny(": "))
            throw new ArgumentException($"mqtt.username: want a name without white space, ':' and control characters, got '{user}'");
        if (user is Line or Dashboard or Office)
            throw new ArgumentException($"mqtt.username: '{user}' is the name of another user of the broker; want one of the station's own");
        var root = new StationTopics(options.Site, options.Line, options.Station).Root;
        var list = new StringBuilder();
        list.Append($"""
            # The station. It writes its own topics and answers, and reads commands and offered banks; the rest of its own topics for 'mrfad check' and to see another station of its name.
            user {user}
            topic readwrite {root}/#
            topic write mrfad/replies/#

            """);
        foreach (var rule in Extras(options))
            list.Append($"topic {rule}\n");
        return list.Append($"""

            # The line, for example its PLC: reads verdicts and triggers, nothing else.
            user {Line}
            topic read {root}/#
            topic write {root}/cmd/trigger
            topic read mrfad/replies/line/#

            # A dashboard: reads, and changes nothing.
            user {Dashboard}
            topic read {root}/#

            # The office, for example an engineer: every station, every command, new banks.
            user {Office}
            topic readwrite mrfad/v1/#
            topic read mrfad/replies/#

            """).Replace("\r", "").ToString();
    }

    /// <returns>The rules of what this station uses beyond its own topics.</returns>
    private static IEnumerable<string> Extras(StationOptions options)
    {
        if (options.Dashboard.Plant)
            yield return "read mrfad/v1/#";
        if (options.HomeAssistant.Enabled)
            yield return $"readwrite {options.HomeAssistant.Prefix}/#";
        if (options.Sparkplug.Enabled)
            yield return "readwrite spBv1.0/#";
        foreach (var camera in options.Cameras)
        {
            if (SourceAddress.Parse(camera.Source) is { Kind: SourceKind.Mqtt } address)
                yield return $"read {TopicFilter.WithoutShare(address.Place)}";
        }
    }
}
