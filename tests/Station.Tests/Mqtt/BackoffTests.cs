using MrfAd.Station.Mqtt;

namespace MrfAd.Station.Tests.Mqtt;

public sealed class BackoffTests
{
    [Fact]
    public void Waits_double_up_to_the_most_and_begin_anew_after_a_success()
    {
        var backoff = new Backoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5));

        foreach (var due in (int[])[1, 2, 4, 5, 5, 5])
            Assert.InRange(backoff.Next(), TimeSpan.FromSeconds(due / 2.0), TimeSpan.FromSeconds(due));
        backoff.Reset();

        Assert.InRange(backoff.Next(), TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void Two_stations_do_not_wait_alike()
    {
        var waits = Enumerable.Range(0, 20).Select(_ => new Backoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5)).Next());

        Assert.True(waits.Distinct().Count() > 10);
    }

    [Fact]
    public void A_night_of_failures_does_not_overflow()
    {
        var backoff = new Backoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));
        for (var i = 0; i < 100_000; i++)
            Assert.InRange(backoff.Next(), TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(30));
    }
}
