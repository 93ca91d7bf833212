using MrfAd.Platform;

namespace MrfAd.Engine.Images;

/// <summary>A video file cannot be opened; the message names it and the likely cause.</summary>
public sealed class VideoException(string message) : MrfAdException(message);
