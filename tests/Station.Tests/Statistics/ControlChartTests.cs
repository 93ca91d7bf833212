using MrfAd.Station.Statistics;

namespace MrfAd.Station.Tests.Statistics;

public sealed class ControlChartTests
{
    private const string Phase = "cap version 1, threshold 20";

    [Theory]
    [InlineData(0.3, 50)]
    [InlineData(0.3, 25)]
    [InlineData(0.3, 10)]
    [InlineData(0.4, 25)]
    public void A_doubled_NG_rate_is_signalled_within_50_parts_as_a_rule(double rate, int parts)
    {
        var within = 0;
        for (var seed = 0; seed < 100; seed++)
        {
            var line = new Line(seed, parts);
            line.Run(300 * parts, rate);
            within += line.SignalledWithin(50, rate * 2) ? 1 : 0;
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{within} of 100");
        Assert.InRange(within, 75, 100);
    }

    [Theory]
    [InlineData(0.001)]
    [InlineData(0.02)]
    [InlineData(0.2)]
    public void Twenty_quiet_weeks_give_at_most_as_many_false_signals_as_the_textbook_says(double rate)
    {
        const int weeks = 20, pointsInWeek = 2000, parts = 15;
        var signals = (Share: 0, Median: 0);
        for (var week = 0; week < weeks; week++)
        {
            var line = new Line(1000 + week, parts);
            line.Run(300 * parts, rate);
            foreach (var point in line.Run(pointsInWeek * parts, rate))
                signals = (signals.Share + (point.ShareRule != 0 ? 1 : 0), signals.Median + (point.MedianRule != 0 ? 1 : 0));
        }

        // 436 are expected of normal points with known limits; two standard deviations more are chance.
        var expected = weeks * pointsInWeek / WesternElectric.QuietPoints;
        TestContext.Current.TestOutputHelper!.WriteLine($"NG share {signals.Share}, median score {signals.Median}, textbook {expected:0.0}");
        Assert.InRange(signals.Share, 0, expected + (2 * Math.Sqrt(expected)));
        Assert.InRange(signals.Median, expected / 3, expected + (2 * Math.Sqrt(expected)));
    }

    [Fact]
    public void Limits_begin_anew_with_another_bank_or_threshold()
    {
        var line = new Line(1, 20);
        Assert.NotNull(line.Run(200 * 20, 0.1)[^1].ShareCenter);

        var first = line.Run(20 * 20, 0.5, phase: "cap version 2, threshold 25");

        Assert.All(first, point => Assert.Null(point.ShareCenter));
        Assert.All(first, point => Assert.Equal(0, point.ShareRule));
    }

    [Fact]
    public void A_chart_that_was_stored_and_loaded_goes_on_as_if_nothing_had_been()
    {
        var (one, two) = (new Line(5, 20), new Line(5, 20));
        var wanted = one.Run(5000, 0.1);
        var found = new List<ChartPoint>();
        for (var i = 0; i < 5000; i += 7)
        {
            found.AddRange(two.Run(Math.Min(7, 5000 - i), 0.1));
            two.Reload();
        }

        Assert.Equal(wanted, found);
    }

    [Theory]
    [InlineData(0, 50, 0.001)]
    [InlineData(0, 50, 0.01)]
    [InlineData(1, 50, 0.02)]
    public void A_usual_number_of_NG_parts_lies_near_the_centre_however_rare_they_are(int ng, int parts, double rate) =>
        Assert.InRange(ControlChart.ShareZ(ng, parts, rate), -1, 1);

    [Fact]
    public void An_improbable_number_of_NG_parts_lies_as_far_out_as_a_normal_value_that_is_as_improbable()
    {
        // P(X >= 5) of 50 parts at 1 % is 0.000146, which a normal value exceeds from 3.62 on.
        Assert.Equal(3.62, ControlChart.ShareZ(5, 50, 0.01), 0.02);
        Assert.Equal(0, ControlChart.ShareZ(0, 50, 0.01));
        // P(X <= 2) of 50 parts at 20 % is 0.00129.
        Assert.Equal(-3.01, ControlChart.ShareZ(2, 50, 0.2), 0.02);
    }

    /// <summary>A line that makes parts with log-normal scores.</summary>
    private sealed class Line(int seed, int parts)
    {
        private readonly Random _random = new(seed);
        private readonly List<ChartPoint> _points = [];
        private ControlChart _chart = new("top", "", parts, new ChartState(), []);
        private long _number;

        public List<ChartPoint> Run(int count, double ngRate, string phase = Phase)
        {
            var points = new List<ChartPoint>();
            for (var i = 0; i < count; i++)
            {
                if (Next(ngRate, phase) is { } point)
                    points.Add(point);
            }

            return points;
        }

        public bool SignalledWithin(int count, double ngRate) => Run(count, ngRate).Any(p => p.ShareRule > 0);

        public void Reload() => _chart = new ControlChart("top", "", parts, _chart.State, _points.TakeLast(ControlChart.Memory));

        private ChartPoint? Next(double ngRate, string phase)
        {
            _number++;
            var point = _chart.Add(_number, _number * 1000, phase, _random.NextDouble() < ngRate, 8 * Math.Exp(0.25 * Draw.Normal(_random)));
            if (point is not null)
                _points.Add(point);
            return point;
        }
    }
}
