using MrfAd.Engine.Images;

namespace MrfAd.Station.Options;

/// <summary>Frames kept on this machine's disk with their verdicts beside them: every one that is not OK, some that are.</summary>
public sealed record EvidenceOptions
{
    public string Folder { get; init; } = "evidence";

    /// <summary>Of all that is kept; the oldest goes when there is more. 0: nothing is kept.</summary>
    public int BudgetMb { get; init; }

    /// <summary>One OK frame in so many of its camera; 0: none.</summary>
    public int OkOneIn { get; init; } = 100;

    /// <summary>PNG gives the same score again; JPEG is smaller and does not. 16-bit frames are always PNG.</summary>
    public ImageFormat Format { get; init; } = ImageFormat.Png;
}
