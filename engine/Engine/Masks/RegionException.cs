using MrfAd.Platform;

namespace MrfAd.Engine.Masks;

/// <summary>Regions that cannot be used; the message says which and why.</summary>
public sealed class RegionException(string message, Exception? inner = null) : MrfAdException(message, inner);
