using MrfAd.Contracts;

namespace MrfAd.Station.History;

/// <summary>Chooses verdicts: every property that is not null must hold. The pages, the HTTP API and the command line share it.</summary>
public sealed record HistoryFilter
{
    /// <summary>The beginning of all time and its end, in milliseconds since 1970 UTC: of times that JSON and dates can show.</summary>
    public static readonly TimeRange AllTime = new(0, 253_402_300_799_000);

    /// <summary>The time of the trigger.</summary>
    public TimeRange Time { get; init; } = AllTime;

    /// <summary>The name of a shift, whose times on each day are wanted.</summary>
    public string? Shift { get; init; }

    public string? Camera { get; init; }

    public string? Product { get; init; }

    public Verdict? Verdict { get; init; }

    /// <summary>The cause of an INVALID verdict, as the fault's kind in the verdict message.</summary>
    public string? Cause { get; init; }

    /// <summary>The lowest score.</summary>
    public double? MinScore { get; init; }

    /// <summary>The highest score.</summary>
    public double? MaxScore { get; init; }

    public long? BankVersion { get; init; }

    public string? Serial { get; init; }

    /// <summary>The id of the part that several views share.</summary>
    public string? Part { get; init; }

    /// <summary>The id of the trigger.</summary>
    public string? Trigger { get; init; }

    /// <summary>The newest label: "good", "bad" or "unsure".</summary>
    public string? Label { get; init; }
}
