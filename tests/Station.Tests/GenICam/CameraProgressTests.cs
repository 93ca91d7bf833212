using MrfAd.Station.Capture;
using MrfAd.Station.GenICam;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.GenICam;

public sealed class CameraProgressTests
{
    private static readonly TimeSpan Limit = BlockingCalls.DefaultLimit;

    private readonly FakeClock _clock = new();
    private readonly List<string?> _problems = [];

    [Fact]
    public void A_driver_that_does_not_answer_is_reported_with_the_step_until_a_frame_comes()
    {
        var progress = new CameraProgress("gige:4711", isSilent: false, _clock, _problems.Add, (_, _) => { });
        progress.Enter("is open and sends nothing");
        progress.BeginCall();
        _clock.Advance(Limit * 0.9);
        progress.CheckCall(Limit);
        Assert.Empty(_problems);

        _clock.Advance(Limit * 0.1);
        progress.CheckCall(Limit);

        Assert.Equal(["gige:4711 is open and sends nothing: its driver has not answered for 20 s"], _problems);
        Assert.True(progress.IsSilent);
        progress.EndCall();
        progress.ReportDelivery();
        Assert.Null(_problems[^1]);
    }

    [Fact]
    public void Time_between_two_calls_is_the_readers_and_no_fault_of_the_driver()
    {
        var progress = new CameraProgress("gige:4711", isSilent: false, _clock, _problems.Add, (_, _) => { });
        progress.CheckCall(Limit);
        progress.BeginCall();
        progress.EndCall();
        _clock.Advance(Limit * 2);

        progress.CheckCall(Limit);

        Assert.Empty(_problems);
    }
}
