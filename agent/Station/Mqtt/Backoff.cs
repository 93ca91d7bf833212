namespace MrfAd.Station.Mqtt;

/// <summary>How long to wait before trying again: doubles from <paramref name="first"/> to <paramref name="max"/>, of which a random half is taken off.</summary>
public sealed class Backoff(TimeSpan first, TimeSpan max)
{
    private int _tries;

    /// <returns>Between half and all of the wait that is due; many stations that lost one broker do not come back at once.</returns>
    public TimeSpan Next()
    {
        // 20 doublings of even a millisecond are 17 minutes.
        var due = first * Math.Pow(2, Math.Min(_tries++, 20));
        return (due < max ? due : max) * (0.5 + (Random.Shared.NextDouble() / 2));
    }

    public void Reset() => _tries = 0;
}
