using MrfAd.Platform;

namespace MrfAd.Station.History;

/// <summary>A filter cannot be read; the message names its key, the wanted and the actual value.</summary>
public sealed class FilterException(string message) : MrfAdException(message);
