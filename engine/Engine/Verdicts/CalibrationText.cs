namespace MrfAd.Engine.Verdicts;

/// <summary>Describes a calibration in sentences for people.</summary>
public static class CalibrationText
{
    /// <returns>The false-alarm rate that the threshold guarantees, and the number of good parts needed to guarantee the requested rate.</returns>
    public static string Describe(Calibration calibration)
    {
        var n = calibration.Scores.Count;
        var needed = FalseAlarmRate.PartsToPromise(calibration.FalseAlarmsWanted / 1000);
        var seen = FormattableString.Invariant(
            $"{calibration.FalseAlarmsSeen} of {n} held-out good images lie above the threshold: {calibration.FalseAlarmsLow:0.#} to {calibration.FalseAlarmsHigh:0.#} false rejects (false alarms) in 1000 good parts ({FalseAlarmRate.Confidence:0 %} confidence).");
        if (calibration.FalseAlarmsHigh <= calibration.FalseAlarmsWanted)
            return seen;
        if (n >= needed)
            return seen + FormattableString.Invariant($" To guarantee {calibration.FalseAlarmsWanted:0.###} in 1000 takes a higher threshold: {(calibration.Rule == ThresholdRule.MeanPlus3Std ? "--threshold rate" : "a lower --false-alarms")}.");
        var few = FormattableString.Invariant(
            $" {n} images are too few to guarantee {calibration.FalseAlarmsWanted:0.###} in 1000: that takes {needed} good images without a false reject.");
        var how = calibration.Rule == ThresholdRule.FittedTail ? " The threshold is an estimate from the highest scores' fitted tail." : "";
        return seen + few + how;
    }
}
