using MrfAd.Platform;

namespace MrfAd.Engine.Banks;

/// <summary>A bank cannot be made of these images; the text names them, the expected and the actual value.</summary>
public sealed class LearnException(string message) : MrfAdException(message);
