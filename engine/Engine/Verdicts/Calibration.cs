using MrfAd.Engine.Fusion;

namespace MrfAd.Engine.Verdicts;

/// <summary>The distribution of good parts' scores and the threshold derived from it (k-fold: each part is scored against the rows of the other folds).</summary>
public sealed record Calibration
{
    /// <summary>Image scores of the held-out good images, in the order in which they were learned.</summary>
    public required IReadOnlyList<float> Scores { get; init; }

    /// <summary>The image score from which on a part is defective.</summary>
    public required float Threshold { get; init; }

    public required ThresholdRule Rule { get; init; }

    /// <summary>The acceptable number of false alarms (false rejects) in 1000 good parts.</summary>
    public required double FalseAlarmsWanted { get; init; }

    /// <summary>The number of held-out good images at or above the threshold.</summary>
    public required int FalseAlarmsSeen { get; init; }

    /// <summary>Lower end of the 95 % confidence interval of the false alarms in 1000 good parts.</summary>
    public required double FalseAlarmsLow { get; init; }

    /// <summary>Upper end of the 95 % confidence interval of the false alarms in 1000 good parts.</summary>
    public required double FalseAlarmsHigh { get; init; }

    /// <summary>Mean of the pixel scores of the held-out maps (those that were computed as a whole).</summary>
    public required double PixelMean { get; init; }

    /// <summary>Standard deviation of these pixel scores.</summary>
    public required double PixelStd { get; init; }

    /// <summary>The threshold of MVTec AD 2's baseline: mean + 3·std of held-out good pixels.</summary>
    public double MeanPlus3Std => PixelMean + (3 * PixelStd);

    public required HeatmapScale HeatmapScale { get; init; }

    /// <summary>Returns the share of good parts expected to score at least this high: (1 + held-out scores at or above) / (1 + n), in (0, 1].</summary>
    public double PValue(float score) => (1.0 + Scores.Count(s => s >= score)) / (1 + Scores.Count);
}
