using MrfAd.Contracts;
using MrfAd.Engine.Images;
using MrfAd.Station.Capture;
using MrfAd.Station.Options;

namespace MrfAd.Station.Tests.Capture;

/// <summary>Errors that no frame should cause: they cost a frame or the camera, and never the station.</summary>
public sealed partial class CameraTests
{
    public static TheoryData<Exception> Unexpected =>
    [
        new VideoException("the video is gone"), new InvalidOperationException("a bug"), new InsufficientMemoryException("4 GB"), new NotSupportedException("a bug"),
        new TaskCanceledException("of another token"), new CameraLostException("the cable"),
    ];

    [Theory]
    [MemberData(nameof(Unexpected))]
    public async Task Whatever_a_source_throws_costs_a_frame_and_the_source_is_opened_again(Exception error)
    {
        var camera = Start(new() { Deadline = TimeSpan.FromHours(1) });
        _shots.Open();
        _source.Give(error);
        camera.Fire(null, "mqtt");
        var lost = Assert.Single(await TakeAsync(1));

        Assert.Equal(NoFrameCause.Error, lost.Failure?.Cause);
        Assert.Contains(error.Message, lost.Failure?.Text, StringComparison.Ordinal);
        Assert.Equal(StationState.Degraded, _health.Current.State);
        Assert.Contains($"camera1: {lost.Failure!.Text}; it is opened again", _health.Current.Reason, StringComparison.Ordinal);
        Assert.False(_running.IsCompleted);

        _source.Give(7);
        camera.Fire(null, "mqtt");
        await AdvanceAsync(TimeSpan.FromSeconds(0.5));
        Assert.Equal(7, Assert.Single(await TakeAsync(1)).Frame!.Image.Bytes[0]);
        Assert.Equal((StationState.Ready, null), (_health.Current.State, _health.Current.Reason));
        Assert.Equal(2, _source.Openings);
    }

    [Fact]
    public async Task An_error_of_a_type_that_people_do_not_know_is_named_with_its_type()
    {
        var camera = Start(new());
        _shots.Open();
        _source.Give(new InvalidOperationException("a bug"));
        camera.Fire(null, "mqtt");

        Assert.Equal("InvalidOperationException: a bug", Assert.Single(await TakeAsync(1)).Failure?.Text);
    }

    [Theory]
    [InlineData(TriggerMode.FreeRun)]
    [InlineData(TriggerMode.Interval)]
    public async Task A_camera_that_triggers_itself_survives_whatever_its_source_throws(TriggerMode trigger)
    {
        _shots.Open();
        Start(new() { Trigger = trigger, Interval = TimeSpan.FromSeconds(0.1), Deadline = TimeSpan.FromHours(1) });
        _source.Give(new InvalidOperationException("a bug"));
        _source.Give(9);

        var shots = await AdvanceUntilAsync(TakeAsync(2));
        Assert.Equal(NoFrameCause.Error, shots[0].Failure?.Cause);
        Assert.Equal(9, shots[1].Frame!.Image.Bytes[0]);
        Assert.False(_running.IsCompleted);
    }

    [Fact]
    public async Task A_source_that_cannot_be_opened_is_tried_again_and_the_state_says_why()
    {
        var failures = 2;
        _source.Opening = () =>
        {
            if (failures-- > 0)
                throw new InvalidOperationException("no such plug");
        };
        var camera = new Camera(new() { Deadline = TimeSpan.FromHours(1) }, _source.Open, _shots, new FrameLimits(new(), new(long.MaxValue)), _health, _meter, _clock, Microsoft.Extensions.Logging.Abstractions.NullLogger<Camera>.Instance);
        _health.Prepared();
        _shots.Open();
        _running = camera.RunAsync(_stop.Token);
        _source.Give(3);
        await AdvanceAsync(TimeSpan.FromSeconds(0.5));
        Assert.Equal((StationState.Degraded, "camera1: it cannot be opened: InvalidOperationException: no such plug"), (_health.Current.State, _health.Current.Reason));
        camera.Fire(null, "mqtt");

        Assert.Equal(3, (await AdvanceUntilAsync(TakeAsync(1)))[0].Frame!.Image.Bytes[0]);
        Assert.Equal(StationState.Ready, _health.Current.State);
    }

    [Fact]
    public async Task A_source_that_never_opens_does_not_hold_up_the_end()
    {
        using var never = new ManualResetEventSlim();
        _source.Opening = never.Wait;
        var camera = new Camera(new(), _source.Open, _shots, new FrameLimits(new(), new(long.MaxValue)), _health, _meter, _clock, Microsoft.Extensions.Logging.Abstractions.NullLogger<Camera>.Instance);
        _shots.Open();
        _running = camera.RunAsync(_stop.Token);
        camera.Fire(null, "mqtt");
        await _clock.TimerArmedAsync();

        await StopAsync();

        Assert.Equal(NoFrameCause.Stopping, Assert.Single(await TakeAsync(1)).Failure?.Cause);
        never.Set();
    }

    /// <summary>Advances the clock as long as something waits for it and the shots have not come.</summary>
    private async Task<IReadOnlyList<Shot>> AdvanceUntilAsync(Task<IReadOnlyList<Shot>> shots)
    {
        while (await Task.WhenAny(shots, _clock.TimerArmedAsync()) != shots)
            _clock.Advance(TimeSpan.FromSeconds(0.1));
        return await shots;
    }

    /// <summary>Advances the clock once something waits for it.</summary>
    private async Task AdvanceAsync(TimeSpan time)
    {
        await _clock.TimerArmedAsync();
        _clock.Advance(time);
    }
}
