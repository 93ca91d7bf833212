namespace MrfAd.Engine.Verdicts;

/// <summary>Where an inspection's time went.</summary>
/// <param name="Features">Resize, normalise, encode.</param>
/// <param name="Search">Nearest neighbours in all banks.</param>
/// <param name="Fuse">Upsampling, mean, regions.</param>
public sealed record StageTimes(TimeSpan Features, TimeSpan Search, TimeSpan Fuse)
{
    /// <summary>Telling the part from its background, where that is done.</summary>
    public TimeSpan Mask { get; init; }

    public TimeSpan Total => Mask + Features + Search + Fuse;
}
