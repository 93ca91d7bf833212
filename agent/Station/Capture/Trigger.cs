using MrfAd.Contracts;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Capture;

/// <summary>A request for a verdict; each trigger ends in exactly one verdict.</summary>
/// <param name="VerdictId">The verdict's id, globally unique and sorted by time (UUID version 7).</param>
/// <param name="Seq">The number of the trigger among the camera's triggers, counted from 1 and on over restarts.</param>
/// <param name="Id">The id that the sender gave the trigger, or the verdict's id.</param>
/// <param name="Source">The source of the trigger: "mqtt", "http", "gpio", "line", "interval" or "free_run".</param>
/// <param name="At">The time of the trigger, for people.</param>
/// <param name="Timestamp">The moment of the trigger on the clock's tick counter, for measurements.</param>
/// <param name="Refusal">The reason why no frame is taken; null where one is taken.</param>
public sealed record Trigger(Guid VerdictId, long Seq, string Id, string Source, DateTimeOffset At, long Timestamp, NoFrame? Refusal)
{
    /// <summary>The data of the part that came with the trigger; null where none came.</summary>
    public PartInfo? Part { get; init; }

    /// <summary>The product by which the part is judged; null where the station has none, or none of the name that was asked for.</summary>
    public string? Product { get; init; }

    /// <summary>The trace of the part; null where there is none.</summary>
    public PartTrace? Trace { get; init; }
}
