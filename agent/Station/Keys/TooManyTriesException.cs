using MrfAd.Platform;

namespace MrfAd.Station.Keys;

/// <summary>A client has shown too many wrong tokens within a minute.</summary>
public sealed class TooManyTriesException() : MrfAdException("too many wrong tokens: wait a minute");
