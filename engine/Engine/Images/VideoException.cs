using MrfAd.Platform;

namespace MrfAd.Engine.Images;

/// <summary>A video file cannot be opened; the text names it and says what is known.</summary>
public sealed class VideoException(string message) : MrfAdException(message);
