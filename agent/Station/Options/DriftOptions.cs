namespace MrfAd.Station.Options;

/// <summary>The limits of the drift of a camera's images and scores from calibration; beyond one the station warns, and goes on.</summary>
public sealed record DriftOptions
{
    /// <summary>The number of last frames of each camera whose median is compared, 4 to 10000.</summary>
    public int Frames { get; init; } = 64;

    /// <summary>The limit of brightness in standard deviations of the good images; where those were all alike, one is 2 %.</summary>
    public double Light { get; init; } = 3;

    /// <summary>The limit of sharpness in standard deviations of the good images; one is at least 5 %.</summary>
    public double Focus { get; init; } = 3;

    /// <summary>The limit of position in standard deviations of the good images; one is at least 0.4 % of the image's side. It is lower than the others because the fixed surroundings show a shift that the parts, which each lie a little differently, hide.</summary>
    public double Position { get; init; } = 2;

    /// <summary>The limit of the score as a quantile of the normal distribution; 1 means that half of the parts score as high as only 16 % of the good ones did.</summary>
    public double Score { get; init; } = 1;

    /// <returns>The limit of this kind of drift.</returns>
    public double LimitOf(DriftKind kind) => kind switch
    {
        DriftKind.Light => Light,
        DriftKind.Focus => Focus,
        DriftKind.Position => Position,
        _ => Score,
    };
}
