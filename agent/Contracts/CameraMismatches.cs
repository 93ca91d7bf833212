using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MrfAd.Contracts;

[Description("Where a camera's triggers, its frames and its own counter have disagreed since the station started. Cameras without a counter of their own stay at 0.")]
public sealed record CameraMismatches
{
    [Length(1, StationTopics.MaxNameLength)]
    public required string Camera { get; init; }

    [Description("Frames that the camera has counted and that did not arrive, or were begun and not finished.")]
    [Range(0, int.MaxValue)]
    public long Lost { get; init; }

    [Description("Triggers for which no frame came.")]
    [Range(0, int.MaxValue)]
    public long Ignored { get; init; }

    [Description("Frames that no trigger had asked for.")]
    [Range(0, int.MaxValue)]
    public long Surplus { get; init; }

    [Description("Frames that came with holes; their verdicts are INVALID.")]
    [Range(0, int.MaxValue)]
    public long Torn { get; init; }

    /// <summary>Returns the counts with more of one kind.</summary>
    /// <param name="kind">The kind as in mrfad_camera_mismatches_total: "lost", "ignored", "surplus" or "torn".</param>
    public CameraMismatches With(string kind, long more) => kind switch
    {
        "lost" => this with { Lost = Lost + more },
        "ignored" => this with { Ignored = Ignored + more },
        "surplus" => this with { Surplus = Surplus + more },
        _ => this with { Torn = Torn + more },
    };
}
