namespace MrfAd.Station.Options;

/// <summary>The limits of the messages on disk that wait for the broker.</summary>
public sealed record OutboxOptions
{
    /// <summary>The maximum size of the verdicts on disk in 10^6 bytes of about 700 verdicts each, sent ones included. The oldest are deleted when there are more.</summary>
    public int VerdictsMb { get; init; } = 64;

    /// <summary>The maximum size of the heatmaps and frames that wait for the broker, in 10^6 bytes. The oldest are deleted when there are more.</summary>
    public int PicturesMb { get; init; } = 512;

    /// <summary>The maximum age of verdicts, which are kept to be replayed, and of pictures that wait.</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromHours(168);

    /// <summary>The time within which a trigger with an id that this camera has had counts as a duplicate and takes no second image.</summary>
    public TimeSpan TriggerMemory { get; init; } = TimeSpan.FromHours(24);
}
