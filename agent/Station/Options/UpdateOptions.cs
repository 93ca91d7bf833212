namespace MrfAd.Station.Options;

/// <summary>The options of updates: who may replace the station's bank, and the tests that a new one must pass.</summary>
public sealed record UpdateOptions
{
    /// <summary>The keys whose signed banks are accepted; without any, no update is accepted from elsewhere.</summary>
    public IReadOnlyList<TrustedKey> TrustedKeys { get; init; } = [];

    /// <summary>
    /// The keys whose signed packages <c>mrfad upgrade</c> installs; without any, it installs none. They are apart from those of banks: a package is a program that
    /// runs as the administrator's.
    /// </summary>
    public IReadOnlyList<TrustedKey> ProgramKeys { get; init; } = [];

    /// <summary>The http(s) addresses and folders of this machine below which <c>cmd/fetch</c> may fetch; without any, it fetches nothing.</summary>
    public IReadOnlyList<string> FetchFrom { get; init; } = [];

    /// <summary>
    /// The folder of the reference parts: images in <c>good/</c> and <c>bad/</c>, or one of them. The parts of a camera with a detector of its own are in a subfolder
    /// with the camera's name. With null there are none.
    /// </summary>
    public string? GoldenFolder { get; init; }

    /// <summary>The maximum size of an accepted file in MB. A bank is memory-mapped, but searched at full speed only where it fits into memory.</summary>
    public int LargestMb { get; init; } = 4096;

    /// <summary>The disk space in MB that an update must leave free.</summary>
    public int KeepFreeMb { get; init; } = 256;

    /// <summary>The maximum number of chunks in flight, 1 to 64.</summary>
    public int Window { get; init; } = 8;

    /// <summary>The memory in MB for the most recent frames, which shadow runs and teaching use.</summary>
    public int RecentFramesMb { get; init; } = 128;

    /// <summary>The number of recent frames that a new bank judges beside the old one in a shadow run.</summary>
    public int ShadowFrames { get; init; } = 16;

    /// <summary>Maximum increase, 0 to 1, in the share of good reference parts, or of frames that were OK, that a new bank calls NG (false rejects) compared with the old one.</summary>
    public double MostNewAlarms { get; init; } = 0.1;

    /// <summary>The number of first verdicts of a new bank that are watched; 0 means none.</summary>
    public int WatchVerdicts { get; init; } = 20;

    /// <summary>Maximum increase, 0 to 1, in the share of NG or INVALID verdicts among the watched ones; above it the station rolls back to the previous bank.</summary>
    public double MostWatchedAlarms { get; init; } = 0.3;

    /// <summary>The interval of self-tests on the reference parts, which also run at each start and on demand; null means no others.</summary>
    public TimeSpan? SelfTestEvery { get; init; }
}
