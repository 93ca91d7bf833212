using MrfAd.Station.Inspection;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Inspection;

public sealed class DetectorTests
{
    [Fact]
    public void A_detector_that_was_unloaded_keeps_its_description_and_is_loaded_again_when_it_is_used()
    {
        var (opened, changed) = (0, 0);
        using var detector = new Detector(() =>
        {
            opened++;
            return new FakeInspector();
        });
        detector.Open(_ => { });
        detector.Changed += () => changed++;

        detector.Unload();
        Assert.Equal((false, "fake"), (detector.IsLoaded, detector.Info!.BankId));
        Assert.Equal("fake", detector.Judge(inspector => inspector.Info.BankId));

        Assert.Equal((2, 1, true), (opened, changed, detector.IsLoaded));
    }

    [Fact]
    public void What_is_loaded_after_the_end_is_given_back()
    {
        var detector = new Detector(() => new FakeInspector());
        detector.Open(_ => { });
        detector.Dispose();

        using var late = new FakeInspector();
        Assert.Same(late, detector.Replace(late));
        Assert.Throws<InvalidOperationException>(() => detector.Judge(_ => 0));
    }
}
