namespace MrfAd.Station.Dashboard;

/// <summary>Wrong tokens have come too fast.</summary>
public sealed class TooManyTriesException() : Exception("too many wrong tokens: wait a minute");
