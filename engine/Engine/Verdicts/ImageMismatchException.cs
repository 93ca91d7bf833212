using MrfAd.Platform;

namespace MrfAd.Engine.Verdicts;

/// <summary>An image differs in size or format from those that the detector learned; the message gives the expected and the actual one.</summary>
public class ImageMismatchException(string message) : MrfAdException(message);
