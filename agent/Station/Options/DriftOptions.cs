namespace MrfAd.Station.Options;

/// <summary>How far a camera's images and scores may drift from calibration before the station warns. It never stops for that.</summary>
public sealed record DriftOptions
{
    /// <summary>The last ones, of each camera, whose median counts.</summary>
    public int Frames { get; init; } = 64;

    /// <summary>Standard deviations of the good images; where they were all alike, one is 2 %.</summary>
    public double Light { get; init; } = 3;

    /// <summary>As above; one is 5 % at least.</summary>
    public double Focus { get; init; } = 3;

    /// <summary>As above; one is 0.4 % of the image's side at least. Less than the others: what stands still around the parts shows a shift that parts, each lying a little differently, hide.</summary>
    public double Position { get; init; } = 2;

    /// <summary>As a normal distribution's quantile. 1: half of the parts score as high as only 16 % of the good ones did.</summary>
    public double Score { get; init; } = 1;

    public double LimitOf(DriftKind kind) => kind switch
    {
        DriftKind.Light => Light,
        DriftKind.Focus => Focus,
        DriftKind.Position => Position,
        _ => Score,
    };
}
