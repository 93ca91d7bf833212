using System.CommandLine;
using MrfAd.Platform;
using MrfAd.Station.Options;

namespace MrfAd.Cli.Commands;

/// <summary>The options of the commands that read a station's configuration.</summary>
public static class ConfigOptions
{
    public static Option<string> Config { get; } =
        new("--config") { Description = "The station's JSON file; devices/station.example.json shows every key.", Required = true, HelpName = "FILE" };

    public static Option<string?> Device { get; } =
        new("--device") { Description = "A device profile, whose settings override the file's.", HelpName = "FILE" };

    /// <exception cref="UsageException">The configuration is invalid.</exception>
    public static StationOptions Load(ParseResult parsed) =>
        Load(parsed.GetRequiredValue(Config), parsed);

    /// <inheritdoc cref="Load(ParseResult)"/>
    public static StationOptions Load(string config, ParseResult parsed) =>
        StationConfig.Load(config, parsed.GetValue(Device), Environment.GetEnvironmentVariables());

    /// <summary>Loads what is needed to read a station's stored verdicts; its bank and cameras need not be there.</summary>
    /// <exception cref="UsageException">One of the keys that are read is invalid.</exception>
    public static StationOptions LoadForResults(ParseResult parsed) =>
        StationConfig.LoadForResults(parsed.GetRequiredValue(Config), parsed.GetValue(Device), Environment.GetEnvironmentVariables());
}
