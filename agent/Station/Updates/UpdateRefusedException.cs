using MrfAd.Platform;

namespace MrfAd.Station.Updates;

/// <summary>A new version is not taken; the text names the cause. What judges now goes on.</summary>
public sealed class UpdateRefusedException(string message, Exception? inner = null) : MrfAdException(message, inner);
