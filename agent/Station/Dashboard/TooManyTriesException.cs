using MrfAd.Platform;

namespace MrfAd.Station.Dashboard;

/// <summary>Wrong tokens have come too fast.</summary>
public sealed class TooManyTriesException() : MrfAdException("too many wrong tokens: wait a minute");
