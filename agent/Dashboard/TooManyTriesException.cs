using MrfAd.Engine;

namespace MrfAd.Agent.Dashboard;

/// <summary>Wrong tokens have come too fast.</summary>
public sealed class TooManyTriesException() : MrfAdException("too many wrong tokens: wait a minute");
