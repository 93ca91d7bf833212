using MrfAd.Platform;

namespace MrfAd.Engine.Banks;

/// <summary>A bank cannot be made of these images; the text names them, the wanted and the got.</summary>
public sealed class LearnException(string message) : MrfAdException(message);
