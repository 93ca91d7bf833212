namespace MrfAd.Station.Mqtt;

/// <summary>The delay before the next attempt, which doubles from <paramref name="first"/> to <paramref name="max"/> and is shortened at random by up to a half.</summary>
public sealed class Backoff(TimeSpan first, TimeSpan max)
{
    private int _tries;

    /// <summary>Counts an attempt and returns the delay before it, between half and all of the current one, so that many stations that lost one broker do not reconnect at the same time.</summary>
    public TimeSpan Next()
    {
        // 20 doublings of even a millisecond are 17 minutes.
        var due = first * Math.Pow(2, Math.Min(_tries++, 20));
        return (due < max ? due : max) * (0.5 + (Random.Shared.NextDouble() / 2));
    }

    /// <summary>Starts again with the first delay.</summary>
    public void Reset() => _tries = 0;
}
