using MrfAd.Station.Options;

namespace MrfAd.Station.Control;

/// <summary>Describes what a configuration lets senders of unsigned commands do.</summary>
public static class UnsignedCommands
{
    /// <summary>The warning of a station that takes unsigned commands which change how parts are judged.</summary>
    public const string Warning =
        "whoever may publish on cmd/ can change how parts are judged, so that bad ones pass: control.allow_unsigned is true; want a key in control.trusted_keys instead";

    /// <returns>One sentence that says which commands must be signed.</returns>
    public static string Describe(ControlOptions options)
    {
        if (options.AllowUnsigned)
            return $"WARNING: {Warning}";
        var open = new[] { CommandKind.Trigger, CommandKind.Read }.Except(options.AlsoSigned).Select(kind => kind == CommandKind.Trigger ? "triggers" : "reads").ToList();
        var rest = open.Count == 0 ? "" : $"; {string.Join(" and ", open)} need no signature";
        return options.TrustedKeys.Count == 0
            ? $"those that change how parts are judged are refused over MQTT: no key is trusted to sign them{rest}"
            : $"those that change how parts are judged must be signed by {string.Join(", ", options.TrustedKeys.Select(key => key.Id))}{rest}";
    }
}
