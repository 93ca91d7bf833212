using System.Text.Json;
using MrfAd.Station.Options;
using MrfAd.Station.Results;
using MrfAd.Station.Runtime;

namespace MrfAd.Cli.Upgrades;

/// <summary>The description that a program gives of itself, and that is in its package as <c>version.json</c>.</summary>
/// <param name="Version">The version of the program.</param>
/// <param name="StateVersion">The version of the state folder that it writes.</param>
/// <param name="StateBackTo">The earliest version to which it takes a state folder back.</param>
public sealed record ProgramDescription(string Version, int StateVersion, int StateBackTo)
{
    public const string FileName = "version.json";

    /// <summary>The running program.</summary>
    public static ProgramDescription Own { get; } = new(AgentVersion.Current, ResultsSchema.Version, ResultsSchema.EarliestVersion);

    public string ToJson() => JsonSerializer.Serialize(this, StationJson.Options);

    /// <returns>Null where the text is no such description.</returns>
    public static ProgramDescription? Parse(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<ProgramDescription>(text, StationJson.Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
