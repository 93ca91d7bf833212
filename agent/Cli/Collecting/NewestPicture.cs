namespace MrfAd.Cli.Collecting;

/// <summary>The newest picture, as the page shows it.</summary>
/// <param name="Number">The number of pictures taken until then, with those that were not kept.</param>
/// <param name="Text">One sentence: its file, or the reason why it is kept apart or not at all.</param>
/// <param name="IsGood">True where it is kept among the good ones.</param>
public sealed record NewestPicture(int Number, string Text, bool IsGood);
