namespace MrfAd.Engine.Verdicts;

/// <summary>The time that each stage of an inspection took.</summary>
/// <param name="Features">The time to resize, normalise and encode.</param>
/// <param name="Search">The time to search for nearest neighbours in all banks.</param>
/// <param name="Fuse">The time to upsample and average the maps and to find regions.</param>
public sealed record StageTimes(TimeSpan Features, TimeSpan Search, TimeSpan Fuse)
{
    /// <summary>The time to separate the part from its background, where that is done.</summary>
    public TimeSpan Mask { get; init; }

    /// <summary>The time to find the part, to make it upright, and to bring its map back to the frame, where that is done.</summary>
    public TimeSpan Align { get; init; }

    public TimeSpan Total => Align + Mask + Features + Search + Fuse;
}
