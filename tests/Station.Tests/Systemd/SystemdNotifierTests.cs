using System.Collections;
using Microsoft.Extensions.Logging.Abstractions;
using MrfAd.Station.Runtime;
using MrfAd.Station.Systemd;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Systemd;

public sealed class SystemdNotifierTests : IAsyncLifetime
{
    private readonly FakeClock _clock = new();
    private readonly ServiceManager _manager = new();
    private readonly StationHealth _health;
    private readonly Heartbeat _heartbeat;
    private readonly NotifySocket _socket;
    private readonly SystemdNotifier _notifier;

    public SystemdNotifierTests()
    {
        (_health, _heartbeat, _socket) = (new StationHealth(_clock), new Heartbeat(_clock), new NotifySocket(_manager.Path));
        _notifier = new SystemdNotifier(_socket, TimeSpan.FromSeconds(30), _health, _heartbeat, _clock, NullLogger<SystemdNotifier>.Instance);
    }

    public async ValueTask InitializeAsync()
    {
        await _notifier.StartAsync(CancellationToken.None);
        await _clock.TimerArmedAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _notifier.StopAsync(CancellationToken.None);
        _notifier.Dispose();
        _socket.Dispose();
        _manager.Dispose();
    }

    [Fact]
    public async Task It_is_ready_once_the_detector_is_loaded_and_asks_for_time_until_then()
    {
        Assert.Equal("STATUS=Preparing", await _manager.ReceivedAsync("STATUS"));
        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.StartsWith("EXTEND_TIMEOUT_USEC=30000000", await _manager.ReceivedAsync("EXTEND"), StringComparison.Ordinal);

        _health.Set("broker", "no broker at\n10.0.0.1");
        _health.Prepared();
        Assert.Equal("READY=1\nSTATUS=Degraded: no broker at 10.0.0.1", await _manager.ReceivedAsync("READY"));

        _health.Set("broker", null);
        Assert.Equal("STATUS=Ready", await _manager.ReceivedAsync("STATUS"));
    }

    [Fact]
    public async Task A_detector_that_cannot_be_loaded_is_never_ready()
    {
        _health.Fail("InspectionWorker failed: the bank is cut off");
        await _notifier.StopAsync(CancellationToken.None);

        await _manager.ReceivedAsync("STATUS=Error: InspectionWorker failed: the bank is cut off");
        Assert.Equal("STOPPING=1", await _manager.ReceivedAsync("STOPPING"));
    }

    [Fact]
    public async Task The_watchdog_is_fed_while_the_line_stands_still_and_not_while_a_frame_hangs()
    {
        _health.Prepared();
        for (var i = 0; i < 6; i++)
        {
            _clock.Advance(TimeSpan.FromSeconds(10));
            await _manager.ReceivedAsync("WATCHDOG=1");
        }

        var frame = _heartbeat.Begin();
        for (var i = 0; i < 3; i++)
        {
            _clock.Advance(TimeSpan.FromSeconds(10));
            await _manager.ReceivedAsync("WATCHDOG=1");
        }

        for (var i = 0; i < 5; i++)
            _clock.Advance(TimeSpan.FromSeconds(10));
        _health.Running();
        Assert.Equal("STATUS=Running", await _manager.ReceivedAsync("")); // nothing before it

        frame.Dispose();
        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("WATCHDOG=1", await _manager.ReceivedAsync(""));
    }

    [Fact]
    public void The_environment_of_another_process_is_not_ours()
    {
        var environment = new Hashtable { ["NOTIFY_SOCKET"] = "@mrfad", ["WATCHDOG_USEC"] = "120000000", ["WATCHDOG_PID"] = "7" };

        Assert.Equal(new SystemdOptions("@mrfad", TimeSpan.FromMinutes(2), false), SystemdOptions.Of(environment, 7));
        Assert.Null(SystemdOptions.Of(environment, 8).Watchdog);
        Assert.Equal(new SystemdOptions(null, null, false), SystemdOptions.Of(new Hashtable(), 7));
    }
}
