using MrfAd.Station.Review;

namespace MrfAd.Station.Tests.Review;

public sealed class RateEstimatorTests
{
    [Theory]
    [InlineData(0.01, 0.1, 200, 1000)]
    [InlineData(0.03, 0.2, 100, 200)]
    [InlineData(0.02, 0.3, 60, 400)]
    public void Of_a_hundred_intervals_95_hold_the_true_rate(double falseReject, double miss, int ngLabels, int okLabels)
    {
        const int lines = 500, parts = 20_000;
        const double badShare = 0.05;
        var (rejectHeld, missHeld) = (0, 0);
        for (var seed = 0; seed < lines; seed++)
        {
            var random = new Random(seed);
            var rates = new RateEstimator(Label(random, parts, badShare, falseReject, miss, ngLabels, okLabels)).Measure();
            rejectHeld += rates.FalseReject.Low <= falseReject && falseReject <= rates.FalseReject.High ? 1 : 0;
            missHeld += rates.Miss.Low <= miss && miss <= rates.Miss.High ? 1 : 0;
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"false rejects {rejectHeld * 100.0 / lines} %, misses {missHeld * 100.0 / lines} %");
        Assert.InRange(rejectHeld * 100.0 / lines, 92, 98);
        Assert.InRange(missHeld * 100.0 / lines, 92, 98);
    }

    [Fact]
    public void Parts_that_somebody_picked_count_as_known_misses_and_leave_the_rate_alone()
    {
        List<LabelledPart> sample = [.. Enumerable.Range(0, 100).Select(i => Ok(i < 1, isSample: true)), .. Enumerable.Range(0, 50).Select(i => Ng(i < 40))];
        var without = new RateEstimator(new LabelledParts { Parts = sample, Ng = 100, Ok = 10_000 }).Measure();
        var with = new RateEstimator(new LabelledParts { Parts = [.. sample, .. Enumerable.Range(0, 30).Select(_ => Ok(true, isSample: false))], Ng = 100, Ok = 10_000 }).Measure();

        Assert.Equal(without.Miss, with.Miss);
        Assert.Equal((1, 31), (without.KnownMisses, with.KnownMisses));
        // 100 of 10,000 OK parts are bad, and 80 of 100 NG parts.
        Assert.Equal(100.0 / 180, without.Miss.Value!.Value, 3);
        Assert.Equal(20.0 / 9920, without.FalseReject.Value!.Value, 4);
    }

    [Fact]
    public void Without_labels_nothing_is_known()
    {
        var rates = new RateEstimator(new LabelledParts { Parts = [], Ng = 10, Ok = 1000 }).Measure();

        Assert.Equal((null, 0, 1), (rates.FalseReject.Value, rates.FalseReject.Low, rates.FalseReject.High));
        Assert.Equal((null, 0, 1), (rates.Miss.Value, rates.Miss.Low, rates.Miss.High));
    }

    [Fact]
    public void A_higher_threshold_rejects_fewer_good_parts_and_misses_more_bad_ones()
    {
        var random = new Random(3);
        var curve = new RateEstimator(Label(random, 20_000, 0.05, 0.02, 0.2, 150, 300)).Curve(Threshold);

        Assert.Single(curve, c => c.IsCurrent);
        Assert.All(curve.Zip(curve.Skip(1)), pair => Assert.True(pair.First.FalseReject.Value >= pair.Second.FalseReject.Value && pair.First.Miss.Value <= pair.Second.Miss.Value));
        Assert.Equal(1, curve[0].FalseReject.Value);
        Assert.Equal(1, curve[^1].Miss.Value);
        Assert.All(curve, c => Assert.InRange(c.Miss.Value!.Value, c.Miss.Low, c.Miss.High));
    }

    private const double Threshold = 20;

    /// <summary>Simulates a line with known rates, of whose NG and OK parts some get a label.</summary>
    private static LabelledParts Label(Random random, int parts, double badShare, double falseReject, double miss, int ngLabels, int okLabels)
    {
        var (ng, ok, labelled) = (0L, 0L, new List<LabelledPart>());
        for (var i = 0; i < parts; i++)
        {
            var isBad = random.NextDouble() < badShare;
            var isNg = random.NextDouble() < (isBad ? 1 - miss : falseReject);
            (ng, ok) = isNg ? (ng + 1, ok) : (ng, ok + 1);
            var (score, wanted) = isNg ? (Threshold * (1 + random.NextDouble()), ng <= ngLabels) : (Threshold * random.NextDouble(), ok <= okLabels);
            if (wanted)
                labelled.Add(new LabelledPart(isNg, score, Threshold, isBad, IsSample: true));
        }

        return new LabelledParts { Parts = labelled, Ng = ng, Ok = ok };
    }

    private static LabelledPart Ok(bool isBad, bool isSample) => new(IsNg: false, 10, Threshold, isBad, isSample);

    private static LabelledPart Ng(bool isBad) => new(IsNg: true, 30, Threshold, isBad, IsSample: true);
}
