namespace MrfAd.Cli.Evaluation.Report;

/// <summary>One object on the page.</summary>
/// <param name="Outcomes">Of each of the result's images, in their order.</param>
/// <param name="Shown">Those with pictures, the worst misses and false alarms first.</param>
public sealed record PageObject(ObjectResult Result, string Title, IReadOnlyList<string?> Outcomes, IReadOnlyList<PageImage> Shown);
