namespace MrfAd.Station.Options;

/// <summary>How much lies on disk until the broker has it, and how long.</summary>
public sealed record OutboxOptions
{
    /// <summary>10^6 bytes of verdicts on disk, sent ones included: about 700 verdicts each. The oldest go when there are more.</summary>
    public int VerdictsMb { get; init; } = 64;

    /// <summary>10^6 bytes of heatmaps and frames that wait for the broker. The oldest go when there are more.</summary>
    public int PicturesMb { get; init; } = 512;

    /// <summary>Verdicts are kept so long, to be replayed; pictures wait so long.</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromHours(168);

    /// <summary>A trigger whose id this camera had within this time is the same trigger, sent again: it brings no second image.</summary>
    public TimeSpan TriggerMemory { get; init; } = TimeSpan.FromHours(24);
}
