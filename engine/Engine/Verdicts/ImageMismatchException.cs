using MrfAd.Platform;

namespace MrfAd.Engine.Verdicts;

/// <summary>An image is not what the detector learned; the text gives the wanted and the got.</summary>
public sealed class ImageMismatchException(string message) : MrfAdException(message);
