using MrfAd.Engine.Images;

namespace MrfAd.Station.Options;

/// <summary>The options of the frames that are kept on this machine's disk beside their verdicts: every frame that is not OK, and some that are.</summary>
public sealed record EvidenceOptions
{
    /// <summary>The folder of the frames, made if absent.</summary>
    public string Folder { get; init; } = "evidence";

    /// <summary>The maximum size of the folder in 10^6 bytes; the oldest frames are deleted when there are more. 0 keeps nothing.</summary>
    public int BudgetMb { get; init; }

    /// <summary>One in this many OK frames of each camera is kept; 0 keeps none.</summary>
    public int OkOneIn { get; init; } = 100;

    /// <summary>The format of the frames. PNG gives the same score again; JPEG is smaller and does not. 16-bit frames are always PNG.</summary>
    public ImageFormat Format { get; init; } = ImageFormat.Png;
}
