using MrfAd.Platform;

namespace MrfAd.Station.Results;

/// <summary>The results database cannot be used as it is; the message says why in one sentence.</summary>
public sealed class ResultsException(string message) : MrfAdException(message);
