namespace MrfAd.Cli.Evaluation.Report;

/// <summary>One object on the page.</summary>
/// <param name="Outcomes">Outcome of each image of the result, in the same order; null without a threshold.</param>
/// <param name="Shown">The images that are shown, the worst misses and false alarms first.</param>
public sealed record PageObject(ObjectResult Result, string Title, IReadOnlyList<string?> Outcomes, IReadOnlyList<PageImage> Shown);
