namespace MrfAd.Engine.Verdicts;

/// <summary>The reason why a picture of a collection is unlike the others.</summary>
/// <param name="Word">One word for the name of its file: "dark", "white", "blurred" or "size".</param>
/// <param name="Text">One sentence.</param>
/// <param name="Measured">The measured value and its limit; null where the size differs.</param>
public sealed record PictureFault(string Word, string Text, ImageFault? Measured);
