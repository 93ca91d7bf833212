using MrfAd.Platform;

namespace MrfAd.Engine.Metrics;

/// <summary>A figure does not exist for a set; the text names the set and why.</summary>
public sealed class MetricException(string message) : MrfAdException(message);
