using MrfAd.Platform;

namespace MrfAd.Station.Dashboard;

/// <summary>Too many wrong tokens were shown within a minute.</summary>
public sealed class TooManyTriesException() : MrfAdException("too many wrong tokens: wait a minute");
