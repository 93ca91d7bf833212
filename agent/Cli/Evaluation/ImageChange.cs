namespace MrfAd.Cli.Evaluation;

/// <summary>One image in two runs. Scores of different runs are not comparable; ranks among the other images, AU-PRO and outcomes are.</summary>
/// <param name="VerdictBefore">"found", "missed", "passed" or "false alarm"; null if that run had no threshold.</param>
public sealed record ImageChange(
    string Name, bool Defective, double RankBefore, double RankNow, double? AuProBefore, double? AuProNow, string? VerdictBefore, string? VerdictNow)
{
    /// <summary>The change of rank and AU-PRO; positive is better now.</summary>
    public double Change => RankNow - RankBefore + ((AuProNow - AuProBefore) ?? 0);

    public static ImageChange Of(ImageResult before, double? thresholdBefore, ImageResult now, double? thresholdNow) => new(
        now.Name, now.Defective, before.Rank, now.Rank, before.AuPro, now.AuPro, before.Outcome(thresholdBefore), now.Outcome(thresholdNow));
}
