using MrfAd.Platform;

namespace MrfAd.Engine.Images;

/// <summary>A file or message that should hold an image does not; the text names it and says what is wrong.</summary>
public sealed class ImageFormatException(string message) : MrfAdException(message);
