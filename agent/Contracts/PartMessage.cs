using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MrfAd.Contracts;

/// <summary>The verdict of one part of several views: the payload of <c>part</c>, QoS 1.</summary>
[Description("The verdict of one part of several views. Each part gets exactly one; a message may arrive twice: de-duplicate by id.")]
public sealed record PartMessage
{
    public const string SchemaName = "mrfad.part.v1";

    [Description("Name and version of this format.")]
    public string Schema { get; init; } = SchemaName;

    [Description("Unique for ever; sorts by time (UUID version 7).")]
    public required Guid Id { get; init; }

    [Description("Counts the station's parts from 1, over restarts, in the order in which they were judged.")]
    [Range(1, long.MaxValue)]
    public required long Seq { get; init; }

    [Length(1, StationTopics.MaxNameLength)]
    public required string Station { get; init; }

    [Description("The id of the part, as it came with the triggers of its views.")]
    [Length(1, PartInfo.MaxSerialLength)]
    public required string Part { get; init; }

    [Description("The product of the first view that has one; null where the station has no products.")]
    public string? Product { get; init; }

    [Description("The serial number of the first view that has one; null where none has.")]
    [Length(1, PartInfo.MaxSerialLength)]
    public string? Serial { get; init; }

    [Description("The time of the part's first trigger.")]
    public required DateTimeOffset TriggeredAt { get; init; }

    [Description("When the part was judged: its last view was, or its time was over.")]
    public required DateTimeOffset JudgedAt { get; init; }

    [Description("That of the worst view: NG, then INVALID, TIMEOUT, COLLECTING. A missing view counts as TIMEOUT; OK only where all views are there and OK.")]
    public required Verdict Verdict { get; init; }

    [Description("Which views are missing, one sentence; null where none is.")]
    public string? Reason { get; init; }

    [Description("The views that were judged, in the order of their verdicts.")]
    public required IReadOnlyList<PartView> Views { get; init; }

    [Description("The views that had no trigger in time; empty where all were judged.")]
    public IReadOnlyList<MissingView> Missing { get; init; } = [];

    [Description("Delivered late (after an outage): for records, not for a reject gate.")]
    public bool Historical { get; init; }
}
