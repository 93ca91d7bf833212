using MrfAd.Engine.Fusion;
using MrfAd.Engine.Verdicts;

namespace MrfAd.Engine.Tests.Verdicts;

public sealed class InspectionTests
{
    [Theory]
    [InlineData(0.999f, false)]
    [InlineData(1f, true)]
    [InlineData(1.001f, true)]
    public void A_part_is_defective_from_the_threshold_on(float score, bool isDefective) =>
        Assert.Equal(isDefective, new Inspection(score, 1, 0.5, [], new AnomalyMap(1, 1), default!).IsDefective);

    [Fact]
    public void The_total_time_is_that_of_all_stages()
    {
        var times = new StageTimes(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(4)) { Mask = TimeSpan.FromSeconds(8) };
        Assert.Equal(TimeSpan.FromSeconds(15), times.Total);
    }
}
