using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using MrfAd.Station.Capture;
using MrfAd.Station.Gpio;
using MrfAd.Station.Options;
using MrfAd.Station.Tests.Capture;
using MrfAd.Station.Tests.Outbox;
using MrfAd.Station.Triggers;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Triggers;

public sealed class GpioTriggersTests
{
    [Fact]
    public async Task Each_edge_of_a_camera_s_line_is_one_trigger_and_a_time_without_an_edge_is_none()
    {
        await using var lab = new OutboxLab();
        var outbox = lab.Open();
        var line = new Line(true, true, false, true);
        var cameras = new[] { Camera(lab, "side", TriggerMode.Http), Camera(lab, "top", TriggerMode.Gpio) };
        using var triggers = new GpioTriggers(cameras, new TriggerService(outbox, lab.Meter), line, lab.Health);
        await triggers.StartAsync(CancellationToken.None);
        await line.Ended.WaitAsync(TestTimeout.Value);

        Assert.Equal((3, 0), (outbox.Verdicts.LastSeq("top"), outbox.Verdicts.LastSeq("side")));
        Assert.Equal(["gpio", "gpio", "gpio"], outbox.Verdicts.Pending.Select(t => t.Source));
        Assert.Equal([new GpioAddress("gpiochip0", 17)], line.Opened);

        await triggers.StopAsync(CancellationToken.None).WaitAsync(TestTimeout.Value);
        Assert.True(triggers.ExecuteTask!.IsCompletedSuccessfully);
        Assert.Equal(1, line.GivenBack);
    }

    private static Camera Camera(OutboxLab lab, string name, TriggerMode trigger) => new(
        new CameraOptions { Name = name, Trigger = trigger, TriggerLine = "gpiochip0:17" }, _ => new FakeSource(), new PendingShots(lab.Clock), new FrameLimits(new(), new(long.MaxValue)), lab.Health, lab.Meter,
        lab.Clock, NullLogger<Camera>.Instance);

    /// <summary>A line whose waits end with these answers, and from then on without an edge.</summary>
    private sealed class Line(params bool[] answers) : IGpio, IGpioInput
    {
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _waits;

        public ConcurrentQueue<GpioAddress> Opened { get; } = [];

        public int GivenBack { get; private set; }

        /// <summary>Completes when the answers are used up and what came of them is done.</summary>
        public Task Ended => _ended.Task;

        public IGpioInput OpenInput(GpioAddress address)
        {
            Opened.Enqueue(address);
            return this;
        }

        public IGpioOutput OpenOutput(GpioAddress address, bool activeLow) => throw new NotSupportedException();

        public bool WaitForEdge(TimeSpan timeout)
        {
            if (_waits < answers.Length)
                return answers[_waits++];
            _ended.TrySetResult();
            using var never = new ManualResetEventSlim();
            return never.Wait(timeout);
        }

        public void Dispose() => GivenBack++;
    }
}
