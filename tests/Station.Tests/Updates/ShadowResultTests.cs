using MrfAd.Station.Updates;

namespace MrfAd.Station.Tests.Updates;

public sealed class ShadowResultTests
{
    private static readonly ShadowResult Same = new()
    {
        Good = 100,
        OldFalseAlarms = 3,
        NewFalseAlarms = 3,
        Bad = 20,
        OldMisses = 2,
        NewMisses = 2,
        Frames = 50,
        OldAlarms = 5,
        NewAlarms = 5,
    };

    [Fact]
    public void A_version_that_judges_as_the_one_in_use_may_judge() => Assert.Null(Same.Refuse(0));

    [Fact]
    public void One_more_miss_is_one_too_many_and_one_less_is_none()
    {
        Assert.Equal("it misses 3 of 20 defective reference parts, the version in use 2", (Same with { NewMisses = 3 }).Refuse(1));
        Assert.Null((Same with { NewMisses = 1 }).Refuse(0));
    }

    [Fact]
    public void Good_parts_may_become_NG_up_to_the_share_and_no_more()
    {
        Assert.Null((Same with { NewFalseAlarms = 5 }).Refuse(0.02));
        Assert.Equal("it calls 6 of 100 good reference parts NG, the version in use 3", (Same with { NewFalseAlarms = 6 }).Refuse(0.02));
    }

    [Fact]
    public void Frames_may_become_NG_up_to_the_share_and_no_more()
    {
        Assert.Null((Same with { Appeared = 1 }).Refuse(0.02));
        Assert.Equal("it calls 2 of the last 50 frames NG that were OK, at most 1 may change", (Same with { Appeared = 2 }).Refuse(0.02));
    }

    [Fact]
    public void The_share_of_alarms_is_that_of_the_frames_and_0_without_any()
    {
        Assert.Equal(0.1, Same.OldAlarmShare);
        Assert.Equal(0, new ShadowResult().OldAlarmShare);
    }

    [Fact]
    public void The_text_has_both_versions_counts() => Assert.Equal(
        "reference parts: 4 of 100 good ones NG (before: 3), 1 of 20 defective ones missed (2); last 50 frames: 6 NG (5)",
        (Same with { NewFalseAlarms = 4, NewMisses = 1, NewAlarms = 6 }).ToString());
}
