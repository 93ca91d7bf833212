namespace MrfAd.Cli.Evaluation;

/// <summary>One image in two runs. Scores of two runs do not compare; ranks among the other images, AU-PRO and verdicts do.</summary>
/// <param name="VerdictBefore">"found", "missed", "passed", "false alarm"; null: that run had no threshold.</param>
public sealed record ImageChange(
    string Name, bool Defective, double RankBefore, double RankNow, double? AuProBefore, double? AuProNow, string? VerdictBefore, string? VerdictNow)
{
    /// <summary>Positive: better now.</summary>
    public double Change => RankNow - RankBefore + ((AuProNow - AuProBefore) ?? 0);

    public static ImageChange Of(ImageResult before, double? thresholdBefore, ImageResult now, double? thresholdNow) => new(
        now.Name, now.Defective, before.Rank, now.Rank, before.AuPro, now.AuPro, before.Outcome(thresholdBefore), now.Outcome(thresholdNow));
}
