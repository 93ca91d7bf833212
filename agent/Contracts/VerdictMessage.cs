using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MrfAd.Contracts;

/// <summary>The verdict of one trigger: the payload of <c>&lt;camera&gt;/verdict</c>, QoS 1.</summary>
[Description("The verdict of one trigger. Each trigger gets exactly one; a message may arrive twice: de-duplicate by id.")]
public sealed record VerdictMessage
{
    public const string SchemaName = "mrfad.verdict.v1";

    [Description("Name and version of this format.")]
    public string Schema { get; init; } = SchemaName;

    [Description("Unique for ever; sorts by time (UUID version 7). The heatmap and the frame carry it as the user property 'id'.")]
    public required Guid Id { get; init; }

    [Description("Counts the camera's verdicts from 1, over restarts; a gap is a lost message: ask for it with cmd/replay.")]
    [Range(1, long.MaxValue)]
    public required long Seq { get; init; }

    [Length(1, StationTopics.MaxNameLength)]
    public required string Station { get; init; }

    [Length(1, StationTopics.MaxNameLength)]
    public required string Camera { get; init; }

    [Description("The product by which the part was judged: the one that was active when it was triggered, or that its trigger chose. Null where the station has no products, or none of the name that the trigger chose.")]
    public string? Product { get; init; }

    public required VerdictTrigger Trigger { get; init; }

    [Description("The part's serial number: as it came with the trigger, or else as its code shows it; null where there is none.")]
    [Length(1, PartInfo.MaxSerialLength)]
    public string? Serial { get; init; }

    [Description("The id of the part, as it came with the trigger: verdicts of several views of one part share it. Null where none came.")]
    [Length(1, PartInfo.MaxSerialLength)]
    public string? Part { get; init; }

    [Description("The view came after the part had been judged: it is in no message on the topic part.")]
    public bool PartLate { get; init; }

    [Description("Free fields of the part, as they came with the trigger; null where none came.")]
    public PartMeta? Meta { get; init; }

    [Description("The code in the image; null where the camera reads none, or there is no image.")]
    public VerdictCode? Code { get; init; }

    [Description("A serial number came with the trigger and the code in the image shows another one.")]
    public bool CodeMismatch { get; init; }

    [Description("Another product of the station, whose good parts this part resembles more than those of its own; null where there is none, and for a good part.")]
    public string? LooksLike { get; init; }

    [Description("When the camera delivered the image; null where there is none.")]
    public DateTimeOffset? CapturedAt { get; init; }

    [Description("OK, NG (defective), INVALID (no usable image), TIMEOUT (nothing judged before the deadline) or COLLECTING (there is no model yet: the image is kept to learn from, not judged).")]
    public required Verdict Verdict { get; init; }

    [Description("Why a verdict is INVALID, TIMEOUT or degraded, or what is wrong with an image that was collected, one sentence; otherwise null.")]
    public string? Reason { get; init; }

    [Description("The fault of an image that is INVALID because of its content; null for any other verdict.")]
    public VerdictFault? Fault { get; init; }

    [Description("The image's anomaly score, the maximum of its anomaly map outside of named regions that have limits of their own. Null where no image was judged.")]
    public float? Score { get; init; }

    [Description("The score from which on a part is NG; it may also be NG by a named region's own limits. Null where no image was judged.")]
    public float? Threshold { get; init; }

    [Description("The share of good parts expected to score at least this high. Null where no image was judged.")]
    [Range(0, 1)]
    public double? PValue { get; init; }

    [Description("Where the defects are, highest score first; empty unless NG.")]
    public IReadOnlyList<VerdictRegion> Regions { get; init; } = [];

    [Description("'bounded' where scores of the anomaly map below the image's score and the threshold are upper bounds, which changes no other field; 'full' where all are exact. Null where no image was judged.")]
    public MapKind? Map { get; init; }

    [Description("Where the part lies. Null where no image was judged, or the bank aligns none.")]
    public VerdictAlignment? Alignment { get; init; }

    [Description("Identifies the regions of the part by which it was judged (SHA-256). Null where the whole image was inspected, or none was judged.")]
    public string? RegionsSha256 { get; init; }

    [Description("The bank that judged. Null where no image was judged.")]
    public VerdictBank? Bank { get; init; }

    [Description("The encoder that computed the features of the image. Null where no image was judged.")]
    public VerdictEncoder? Encoder { get; init; }

    [Description("The image; null where there is none.")]
    public VerdictFrame? Frame { get; init; }

    [Description("The image was judged by less than the station normally has; 'reason' says what was missing.")]
    public bool Degraded { get; init; }

    public required VerdictTimings TimingsMs { get; init; }

    [Description("Delivered late (after an outage): for records, not for a reject gate.")]
    public bool Historical { get; init; }
}
