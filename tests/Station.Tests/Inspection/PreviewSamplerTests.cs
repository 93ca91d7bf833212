using MrfAd.Contracts;
using MrfAd.Station.Inspection;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Inspection;

public sealed class PreviewSamplerTests
{
    private readonly FakeClock _clock = new();

    [Fact]
    public void Of_good_parts_one_a_second_of_each_camera_is_shown_of_others_each()
    {
        var shown = new PreviewSampler(enabled: true, _clock);

        Assert.True(shown.Take("a", Verdict.Ok));
        Assert.False(shown.Take("a", Verdict.Ok));
        Assert.True(shown.Take("b", Verdict.Ok));
        Assert.True(shown.Take("a", Verdict.Ng));
        Assert.True(shown.Take("a", Verdict.Invalid));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(shown.Take("a", Verdict.Ok));
    }

    [Fact]
    public void Where_nobody_looks_nothing_is_shown() => Assert.False(new PreviewSampler(enabled: false, _clock).Take("a", Verdict.Ng));
}
