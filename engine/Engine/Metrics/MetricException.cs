using MrfAd.Platform;

namespace MrfAd.Engine.Metrics;

/// <summary>A metric is not defined for a set; the message names the set and says why.</summary>
public sealed class MetricException(string message) : MrfAdException(message);
