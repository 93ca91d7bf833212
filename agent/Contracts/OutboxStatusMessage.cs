using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MrfAd.Contracts;

/// <summary>The payload of <c>outbox</c>: retained, QoS 1.</summary>
[Description("How many verdicts, pictures and verdicts of parts wait for the broker, and how many were dropped.")]
public sealed record OutboxStatusMessage
{
    public const string SchemaName = "mrfad.outbox.v1";

    [Description("Name and version of this format.")]
    public string Schema { get; init; } = SchemaName;

    [Length(1, StationTopics.MaxNameLength)]
    public required string Station { get; init; }

    [Range(0, int.MaxValue)]
    public required int VerdictsWaiting { get; init; }

    [Description("Heatmaps and frames that wait for the broker.")]
    [Range(0, int.MaxValue)]
    public required int PicturesWaiting { get; init; }

    [Description("Verdicts that never reached the broker since the station's state folder was made: no room, too old, or refused by the broker.")]
    [Range(0, long.MaxValue)]
    public required long VerdictsDropped { get; init; }

    [Description("The same for heatmaps and frames.")]
    [Range(0, long.MaxValue)]
    public required long PicturesDropped { get; init; }

    [Description("Verdicts of parts of several views that wait for the broker.")]
    [Range(0, int.MaxValue)]
    public int PartsWaiting { get; init; }

    [Description("Verdicts of parts that never reached the broker, as for verdicts.")]
    [Range(0, long.MaxValue)]
    public long PartsDropped { get; init; }

    [Description("Why the disk cannot be written, so that new messages are only in memory; null while it can.")]
    public string? Trouble { get; init; }
}
