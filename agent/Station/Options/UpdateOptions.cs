namespace MrfAd.Station.Options;

/// <summary>Who may replace the station's bank, and what a new one must show first.</summary>
public sealed record UpdateOptions
{
    /// <summary>Whose banks are taken; none: no update is taken from elsewhere.</summary>
    public IReadOnlyList<TrustedKey> TrustedKeys { get; init; } = [];

    /// <summary>
    /// A folder with known parts: images in <c>good/</c> and <c>bad/</c>, or one of them; those of a camera's own detector in a folder of the camera's name
    /// within. Null: there are none.
    /// </summary>
    public string? GoldenFolder { get; init; }

    /// <summary>The largest file taken; a bank is mapped, not read, but it is searched at full speed only where it fits into memory.</summary>
    public int LargestMb { get; init; } = 4096;

    /// <summary>Room on the disk that an update leaves free.</summary>
    public int KeepFreeMb { get; init; } = 256;

    /// <summary>Chunks on their way at once.</summary>
    public int Window { get; init; } = 8;

    /// <summary>Memory for the frames judged last, for shadow runs and teaching.</summary>
    public int RecentFramesMb { get; init; } = 128;

    /// <summary>So many of them a new bank judges beside the old one.</summary>
    public int ShadowFrames { get; init; } = 16;

    /// <summary>Good golden parts, or frames that were OK, that a new bank may call NG: this share of them beyond what the old one does.</summary>
    public double MostNewAlarms { get; init; } = 0.1;

    /// <summary>The first verdicts of a new bank that are watched; 0: none.</summary>
    public int WatchVerdicts { get; init; } = 20;

    /// <summary>Of these, the share that may be NG, or not be judged, beyond the share of the frames before it; above that the previous bank comes back.</summary>
    public double MostWatchedAlarms { get; init; } = 0.3;

    /// <summary>The golden parts are inspected at each start, on demand, and this often; null: not by the clock.</summary>
    public TimeSpan? SelfTestEvery { get; init; }
}
