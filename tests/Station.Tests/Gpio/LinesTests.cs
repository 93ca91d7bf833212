using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using MrfAd.Contracts;
using MrfAd.Station.Capture;
using MrfAd.Station.Gpio;
using MrfAd.Station.Inspection;
using MrfAd.Station.Options;
using MrfAd.Station.Rejection;
using MrfAd.Station.Runtime;
using MrfAd.Station.Tests.Capture;
using MrfAd.Station.Triggers;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Gpio;

/// <summary>When one of several lines fails, the others must not hide it.</summary>
public sealed class LinesTests : IDisposable
{
    private static TimeSpan WaitTimeout => TestTimeout.Value;
    private readonly StationHealth _health = new(TimeProvider.System);
    private readonly MrfAdMeter _meter = new("0");
    private readonly PendingShots _shots = new(TimeProvider.System);

    public void Dispose() => _meter.Dispose();

    [Fact]
    public async Task A_gate_whose_line_fails_ends_the_station_though_another_gate_works()
    {
        Camera[] cameras = [Camera("a", gate: "broken:1"), Camera("b", gate: "good:1")];
        using var outputs = new RejectOutputs(cameras, new(), new Lines(), _health, _meter, TimeProvider.System, NullLogger<RejectOutput>.Instance);
        await outputs.StartAsync(CancellationToken.None);

        outputs.Enqueue(new InspectionReport(Shot(cameras[0]), Verdict.Ng, null, null, default, default, null));

        await Assert.ThrowsAsync<GpioException>(() => outputs.ExecuteTask!.WaitAsync(WaitTimeout));
        Assert.Contains("broken:1", _health.Current.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_trigger_line_that_fails_ends_the_station_though_another_one_works()
    {
        Camera[] cameras = [Camera("a", trigger: "broken:1"), Camera("b", trigger: "good:1")];
        using var triggers = new GpioTriggers(cameras, null!, new Lines(), _health);
        await triggers.StartAsync(CancellationToken.None);

        await Assert.ThrowsAsync<GpioException>(() => triggers.ExecuteTask!.WaitAsync(WaitTimeout));

        Assert.Contains("broken:1", _health.Current.Reason, StringComparison.Ordinal);
        await triggers.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task A_line_is_given_back_once()
    {
        var lines = new Lines();
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton(new PartsOptions()).AddSingleton(TimeProvider.System).AddSingleton(_health).AddSingleton(_meter).AddSingleton<IGpio>(lines);
        services.AddSingleton<IReadOnlyList<Camera>>([Camera("a", gate: "good:1")]);
        // Disposed twice, as the container of the station does.
        services.AddSingleton<RejectOutputs>();
        services.AddHostedService(s => s.GetRequiredService<RejectOutputs>());

        await using (var provider = services.BuildServiceProvider())
            Assert.Single(provider.GetServices<IHostedService>());

        Assert.Equal(1, lines.GivenBack);
    }

    private Camera Camera(string name, string? trigger = null, string? gate = null) => new(
        new CameraOptions { Name = name, Trigger = trigger is null ? TriggerMode.Mqtt : TriggerMode.Gpio, TriggerLine = trigger, Gate = gate is null ? null : new() { Line = gate } },
        _ => new FakeSource(), _shots, new FrameLimits(new(), new(long.MaxValue)), _health, _meter, TimeProvider.System, NullLogger<Camera>.Instance);

    private static Shot Shot(Camera camera) => new(
        camera, new Trigger(Guid.NewGuid(), 1, "", "gpio", default, TimeProvider.System.GetTimestamp(), null), null, new NoFrame(NoFrameCause.Lost, ""), null, 0);

    /// <summary>Lines that can be opened; those of the chip "broken" fail when they are used.</summary>
    private sealed class Lines : IGpio
    {
        public int GivenBack { get; private set; }

        public IGpioInput OpenInput(GpioAddress address) => new Line(this, address);

        public IGpioOutput OpenOutput(GpioAddress address, bool activeLow) => new Line(this, address);

        private sealed class Line(Lines lines, GpioAddress address) : IGpioInput, IGpioOutput
        {
            public void Drive(bool active) => Fail();

            public bool WaitForEdge(TimeSpan timeout)
            {
                Fail();
                using var never = new ManualResetEventSlim();
                return never.Wait(timeout);
            }

            public void Dispose() => lines.GivenBack++;

            private void Fail()
            {
                if (address.Chip == "broken")
                    throw new GpioException($"{address} cannot be used");
            }
        }
    }
}
