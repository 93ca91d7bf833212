using MrfAd.Station.Statistics;

namespace MrfAd.Station.Tests.Statistics;

public sealed class WesternElectricTests
{
    [Theory]
    [InlineData("3.1", 1)]
    [InlineData("-3.1", -1)]
    [InlineData("3", 0)]
    [InlineData("2.1 0 2.1", 2)]
    [InlineData("2.1 2.1", 2)]
    [InlineData("2.1 0 0 2.1", 0)]
    [InlineData("2.1 -2.1 0", 0)]
    [InlineData("-2.1 1 -2.1", -2)]
    [InlineData("1.1 1.1 0 1.1 1.1", 3)]
    [InlineData("1.1 1.1 0 0 1.1 1.1", 0)]
    [InlineData("-1.1 -1.1 -1.1 -1.1", -3)]
    [InlineData("0.1 0.1 0.1 0.1 0.1 0.1 0.1 0.1", 4)]
    [InlineData("0.1 0.1 0.1 0.1 0 0.1 0.1 0.1 0.1", 0)]
    [InlineData("-0.1 -0.1 -0.1 -0.1 -0.1 -0.1 -0.1 -0.1", -4)]
    public void A_rule_signals_at_the_last_of_these_points(string points, int rule)
    {
        var rules = new WesternElectric();
        var signals = points.Split(' ').Select(z => rules.Add(double.Parse(z, System.Globalization.CultureInfo.InvariantCulture))).ToList();

        Assert.Equal(rule, signals[^1]);
        Assert.All(signals[..^1], signal => Assert.Equal(0, signal));
    }

    [Fact]
    public void A_quiet_normal_process_signals_as_often_as_the_textbook_says()
    {
        const int points = 2_000_000;
        var random = new Random(1);
        var rules = new WesternElectric();

        var signals = Enumerable.Range(0, points).Count(_ => rules.Add(Draw.Normal(random)) != 0);

        // 21,800 signals are expected, with a standard deviation of some 150.
        Assert.Equal(WesternElectric.QuietPoints, points / (double)signals, 2.0);
    }
}
