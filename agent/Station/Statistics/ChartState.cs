namespace MrfAd.Station.Statistics;

/// <summary>The parts of a chart's next point, and the points that its rules look back on.</summary>
public sealed record ChartState
{
    public string Phase { get; init; } = "";

    public int Ng { get; init; }

    /// <summary>The scores of the parts so far.</summary>
    public IReadOnlyList<double> Scores { get; init; } = [];

    /// <summary>The points of the NG share that later ones may still signal with, in standard deviations.</summary>
    public IReadOnlyList<double> Share { get; init; } = [];

    /// <summary>The same of the median score.</summary>
    public IReadOnlyList<double> Median { get; init; } = [];
}
