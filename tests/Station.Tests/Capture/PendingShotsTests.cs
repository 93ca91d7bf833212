using Microsoft.Extensions.Logging.Abstractions;
using MrfAd.Station.Capture;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Capture;

public sealed class PendingShotsTests : IDisposable
{
    private readonly FakeClock _clock = new();
    private readonly MrfAdMeter _meter = new("0");
    private readonly PendingShots _shots;
    private readonly FakeSource _source = new();

    public PendingShotsTests() => _shots = new PendingShots(_clock);

    public void Dispose()
    {
        _source.Dispose();
        _meter.Dispose();
    }

    [Fact]
    public async Task A_camera_whose_frames_cost_more_gets_fewer_turns_and_each_keeps_its_order()
    {
        var (slow, fast) = (Camera("slow"), Camera("fast"));
        for (var i = 1; i <= 8; i++)
            Add(slow, i);
        for (var i = 1; i <= 8; i++)
            Add(fast, i);

        var order = await TakeAsync(8, camera => camera == slow ? 30 : 10);

        // 30 ms of work for one camera equal three frames of the other.
        Assert.Equal(["slow1", "fast1", "fast2", "fast3", "slow2", "fast4", "fast5", "fast6"], order);
    }

    [Fact]
    public async Task A_camera_that_was_away_gets_its_turn_next_and_has_saved_nothing_up()
    {
        var (busy, away) = (Camera("busy"), Camera("away"));
        Add(away, 1);
        for (var i = 1; i <= 10; i++)
            Add(busy, i);
        await TakeAsync(5, _ => 10);

        Add(away, 2);
        Add(away, 3);
        Add(away, 4);

        Assert.Equal(["away2", "busy5", "away3", "busy6", "away4", "busy7"], await TakeAsync(6, _ => 10));
    }

    private Camera Camera(string name) =>
        new(new CameraOptions { Name = name, QueueLength = 20 }, _source.Open, _shots, new FrameLimits(new(), new(long.MaxValue)), new StationHealth(_clock), _meter, _clock, NullLogger<Camera>.Instance);

    private void Add(Camera camera, long seq)
    {
        var trigger = new Trigger(Guid.NewGuid(), seq, "", "mqtt", _clock.GetUtcNow(), _clock.GetTimestamp(), new NoFrame(NoFrameCause.QueueFull, ""));
        _shots.Add(new Shot(camera, trigger, null, trigger.Refusal, null, _clock.GetTimestamp()));
        // The clock decides which shot came first.
        _clock.Advance(TimeSpan.FromTicks(1));
    }

    private async Task<IReadOnlyList<string>> TakeAsync(int count, Func<Camera, int> cost)
    {
        var order = new List<string>();
        await foreach (var shot in _shots.ReadAllAsync())
        {
            order.Add($"{shot.Camera.Options.Name}{shot.Trigger.Seq}");
            _clock.Advance(TimeSpan.FromMilliseconds(cost(shot.Camera)));
            if (order.Count == count)
                break;
        }

        return order;
    }
}
