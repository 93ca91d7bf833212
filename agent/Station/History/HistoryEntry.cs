using System.ComponentModel;
using MrfAd.Contracts;

namespace MrfAd.Station.History;

/// <summary>One stored verdict, as lists and exports show it.</summary>
public sealed record HistoryEntry
{
    [Description("Counts the station's verdicts in the order in which they were stored.")]
    public required long Number { get; init; }

    [Description("The verdict's id, as in the message.")]
    public required Guid Id { get; init; }

    public required string Camera { get; init; }

    public string? Product { get; init; }

    [Description("Counts the camera's verdicts.")]
    public required long Seq { get; init; }

    public required string TriggerId { get; init; }

    public string? Serial { get; init; }

    [Description("The time of the trigger.")]
    public required DateTimeOffset At { get; init; }

    public required Verdict Verdict { get; init; }

    [Description("The cause of an INVALID image; null for any other verdict.")]
    public string? Cause { get; init; }

    public double? Score { get; init; }

    public double? Threshold { get; init; }

    [Description("The share of good parts expected to score at least this high.")]
    public double? PValue { get; init; }

    public string? BankId { get; init; }

    public long? BankVersion { get; init; }

    [Description("From the trigger to the finished verdict, in milliseconds.")]
    public required double TotalMs { get; init; }

    [Description("The newest label that people gave the part: good, bad or unsure; null where there is none.")]
    public string? Label { get; init; }

    [Description("The id of the part that several views share; null where none came with the trigger.")]
    public string? Part { get; init; }
}
