namespace MrfAd.Station.Options;

/// <summary>The limits of the messages on disk that wait for the broker, and of those that are kept once it has them.</summary>
public sealed record OutboxOptions
{
    /// <summary>The maximum size of the verdicts on disk in 10^6 bytes of about 700 verdicts each, sent ones included. The oldest are deleted when there are more.</summary>
    public int VerdictsMb { get; init; } = 2000;

    /// <summary>The maximum size of the heatmaps and frames on disk in 10^6 bytes, sent ones included. The oldest are deleted when there are more.</summary>
    public int PicturesMb { get; init; } = 512;

    /// <summary>The time for which verdicts and pictures wait for the broker; older ones are not sent any more.</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromHours(168);

    /// <summary>The time for which verdicts and pictures that wait no longer are kept, to be looked at and replayed.</summary>
    public TimeSpan Keep { get; init; } = TimeSpan.FromDays(365);

    /// <summary>The time within which a trigger with an id that this camera has had counts as a duplicate and takes no second image.</summary>
    public TimeSpan TriggerMemory { get; init; } = TimeSpan.FromHours(24);
}
