using MrfAd.Engine.Verdicts;

namespace MrfAd.Engine.Tests.Verdicts;

public sealed class ReferenceValueTests
{
    [Fact]
    public void The_spread_is_half_of_what_lies_between_the_16th_and_the_84th_percentile()
    {
        var value = ReferenceValue.Of(Enumerable.Range(0, 101).Reverse().Select(i => 2.0 * i), harmless: 1);
        Assert.Equal(new ReferenceValue(100, 68), value);
        Assert.Equal((0, 2, -0.5), (value.Sigmas(100), value.Sigmas(236), value.Sigmas(66)));
    }

    [Fact]
    public void The_spread_is_never_less_than_a_harmless_one_and_one_outlier_changes_neither()
    {
        Assert.Equal(new ReferenceValue(5, 0.02), ReferenceValue.Of([5, 5, 5, 5, 5, 5, 5, 5, 900], harmless: 0.02));
    }
}
