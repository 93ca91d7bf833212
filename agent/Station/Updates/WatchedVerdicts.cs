using System.Text.Json.Serialization;

namespace MrfAd.Station.Updates;

/// <summary>The count of the first verdicts of a new bank, stored in <c>banks.json</c>.</summary>
/// <param name="Left">Number of verdicts that are still to be watched.</param>
/// <param name="Alarms">Number of verdicts so far that were NG or INVALID.</param>
/// <param name="MaxAlarms">Maximum number of such verdicts; above it the station rolls back.</param>
/// <param name="Starts">Number of starts of the station since the last verdict of this bank; a bank that ends the process gives no verdict.</param>
public sealed record WatchedVerdicts(int Left, int Alarms, [property: JsonPropertyName("most_alarms")] int MaxAlarms, int Starts)
{
    /// <summary>Maximum number of starts with a bank that ends the process before it gives a verdict.</summary>
    public const int MaxStarts = 3;
}
