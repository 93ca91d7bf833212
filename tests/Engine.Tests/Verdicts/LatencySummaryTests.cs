using MrfAd.Engine.Verdicts;

namespace MrfAd.Engine.Tests.Verdicts;

public sealed class LatencySummaryTests
{
    [Fact]
    public void Percentiles_are_measured_times_by_the_nearest_rank()
    {
        var summary = new LatencySummary(Enumerable.Range(1, 200).Reverse().Select(i => (double)i));

        Assert.Equal((100, 198, 200, 200), (summary.P50, summary.P99, summary.Max, summary.Count));
        Assert.Equal("p50 100, p99 198, maximum 200 ms, 20 of 200 above 180 ms", summary.Claim(180));
    }

    [Theory]
    [InlineData(new double[] { 7 }, 7, 7)]
    [InlineData(new double[] { 9, 1 }, 1, 9)]
    [InlineData(new double[] { 3, 1, 2 }, 2, 3)]
    public void Few_times_have_percentiles_too(double[] times, double p50, double p99) => Assert.Equal((p50, p99), (new LatencySummary(times).P50, new LatencySummary(times).P99));

    [Fact]
    public void No_time_is_no_summary() => Assert.Throws<ArgumentException>(() => new LatencySummary([]));
}
