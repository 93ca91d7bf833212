using MrfAd.Engine.Fusion;

namespace MrfAd.Engine.Verdicts;

/// <summary>Collects the anomaly maps of held-out good images and computes the threshold.</summary>
public sealed class Calibrator
{
    // The tail consists of the highest n/5 of n scores, at least 5: enough to fit one parameter, few enough to be the tail.
    private const int TailShare = 5;
    private const int MinTail = 5;

    private readonly List<float> _scores = [];
    private double _sum;
    private double _sumOfSquares;
    private long _pixels;

    public Calibrator()
    {
    }

    /// <summary>Continues from an earlier calibration.</summary>
    /// <param name="keep">Returns true where the score of image i of the earlier calibration still counts. The pixels' mean and deviation remain those of all images.</param>
    /// <param name="pixels">The number of pixels of an image.</param>
    public Calibrator(Calibration earlier, Func<int, bool> keep, long pixels)
    {
        _scores.AddRange(earlier.Scores.Where((_, i) => keep(i)));
        _pixels = pixels * _scores.Count;
        _sum = earlier.PixelMean * _pixels;
        _sumOfSquares = ((earlier.PixelStd * earlier.PixelStd) + (earlier.PixelMean * earlier.PixelMean)) * _pixels;
    }

    /// <summary>Continues from several calibrations of images of one size.</summary>
    /// <param name="pixels">The number of pixels of an image.</param>
    public Calibrator(IEnumerable<Calibration> earlier, long pixels)
    {
        foreach (var calibration in earlier)
        {
            var count = pixels * calibration.Scores.Count;
            _scores.AddRange(calibration.Scores);
            _pixels += count;
            _sum += calibration.PixelMean * count;
            _sumOfSquares += ((calibration.PixelStd * calibration.PixelStd) + (calibration.PixelMean * calibration.PixelMean)) * count;
        }
    }

    /// <summary>Adds a held-out good image.</summary>
    /// <param name="partOnly">True where pixels of exactly 0 are background and do not count.</param>
    public void Add(Engine.Fusion.AnomalyMap map, bool partOnly = false)
    {
        var counted = 0;
        foreach (var score in map.Scores)
        {
            if (partOnly && score == 0)
                continue;
            counted++;
            _sum += score;
            _sumOfSquares += (double)score * score;
        }

        _pixels += counted;
        AddScore(map);
    }

    /// <summary>Adds the score of a held-out good image, the highest of its map; its pixels do not count towards mean and deviation.</summary>
    public void AddScore(Engine.Fusion.AnomalyMap map)
    {
        var highest = float.NegativeInfinity;
        foreach (var score in map.Scores)
            highest = Math.Max(highest, score);
        _scores.Add(highest);
    }

    /// <param name="falseAlarms">The acceptable number of false alarms in 1000 good parts, > 0.</param>
    /// <param name="rule">The rule that gives the threshold; for Quantile and FittedTail the number of images decides which of the two is used.</param>
    /// <exception cref="InvalidOperationException">Fewer than two images were added.</exception>
    public Calibration Finish(double falseAlarms, ThresholdRule rule = ThresholdRule.Quantile)
    {
        if (_scores.Count < 2)
            throw new InvalidOperationException($"a calibration needs at least 2 held-out images, got {_scores.Count}");
        var pixels = Math.Max(1, _pixels); // no pixel counts where all parts are identical
        var mean = _sum / pixels;
        var std = Math.Sqrt(Math.Max(0, (_sumOfSquares / pixels) - (mean * mean)));
        float threshold;
        if (rule == ThresholdRule.MeanPlus3Std)
            threshold = (float)(mean + (3 * std));
        else
            (threshold, rule) = Threshold(falseAlarms);
        var seen = _scores.Count(s => s >= threshold);
        var (low, high) = FalseAlarmRate.Interval(seen, _scores.Count);
        return new Calibration
        {
            Scores = _scores,
            Threshold = threshold,
            Rule = rule,
            FalseAlarmsWanted = falseAlarms,
            FalseAlarmsSeen = seen,
            FalseAlarmsLow = 1000 * low,
            FalseAlarmsHigh = 1000 * high,
            PixelMean = mean,
            PixelStd = std,

            // The normal mean is black and the threshold lies in the middle, so that a colour shows on which side of it a pixel is.
            HeatmapScale = new HeatmapScale((float)mean, (float)Math.Max(mean + (2 * (threshold - mean)), mean + std)),
        };
    }

    private (float Threshold, ThresholdRule Rule) Threshold(double falseAlarms)
    {
        var falling = _scores.OrderDescending().ToArray();
        var allowed = (int)Math.Floor(falseAlarms * falling.Length / 1000);
        if (allowed > 0 && allowed < falling.Length)
            return (Math.Max((falling[allowed - 1] + falling[allowed]) / 2, MathF.BitIncrement(falling[allowed])), ThresholdRule.Quantile); // strictly above equal scores

        // Peaks over threshold u: P(score > t) = tail/n · exp(−(t − u)/σ), σ = the mean excess over u.
        var tail = Math.Min(falling.Length - 1, Math.Max(MinTail, falling.Length / TailShare));
        var u = falling[tail];
        var sigma = falling.Take(tail).Average(s => (double)s - u);
        var threshold = u + (sigma * Math.Log((double)tail / falling.Length / (falseAlarms / 1000)));
        return ((float)Math.Max(threshold, MathF.BitIncrement(falling[0])), ThresholdRule.FittedTail);
    }
}
