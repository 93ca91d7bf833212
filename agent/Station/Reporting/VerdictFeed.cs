using MrfAd.Contracts;

namespace MrfAd.Station.Reporting;

/// <summary>Hands each verdict, when it is given, to the station's other faces. They must be quick: they are called in line.</summary>
public sealed class VerdictFeed
{
    public event Action<VerdictMessage>? Given;

    /// <summary>Raised after the last one.</summary>
    public event Action? Ended;

    public void Give(VerdictMessage verdict) => Given?.Invoke(verdict);

    public void End() => Ended?.Invoke();
}
