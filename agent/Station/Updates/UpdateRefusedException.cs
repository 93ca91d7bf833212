using MrfAd.Platform;

namespace MrfAd.Station.Updates;

/// <summary>A new version is refused; the text names the cause. The version in use goes on.</summary>
public sealed class UpdateRefusedException(string message, Exception? inner = null) : MrfAdException(message, inner);
