using System.Net.Sockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MrfAd.Contracts;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Systemd;

/// <summary>
/// Tells systemd how the station is: READY once the detector is loaded, a status line on each change, and a sign of life as long as no
/// piece of work has been in hand for longer than the watchdog allows: frames flow, or the line stands still.
/// </summary>
public sealed partial class SystemdNotifier(
    NotifySocket socket, TimeSpan? watchdog, StationHealth health, Heartbeat heartbeat, TimeProvider clock, ILogger<SystemdNotifier> log) : BackgroundService
{
    // Loading a bank, or building an engine for this device, may take longer than systemd waits for a start.
    private static readonly TimeSpan MoreTime = TimeSpan.FromSeconds(30);

    private readonly Lock _order = new();
    private bool _ready;
    private bool _stuck;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        health.Changed += Tell;
        try
        {
            Tell();
            using var timer = new PeriodicTimer(watchdog is { } limit && limit / 3 < MoreTime / 3 ? limit / 3 : MoreTime / 3, clock);
            while (await timer.WaitForNextTickAsync(stoppingToken))
                Beat();
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
        finally
        {
            health.Changed -= Tell;
            Send("STOPPING=1");
        }
    }

    private void Tell()
    {
        lock (_order)
        {
            var now = health.Current;
            var status = $"STATUS={now.State}{(now.Reason is { } reason ? $": {reason.ReplaceLineEndings(" ")}" : null)}";
            if (!_ready && now.State is not (StationState.Preparing or StationState.Error))
            {
                _ready = true; // Degraded as well: who waits for the unit must not wait for the broker
                Send("READY=1", status);
            }
            else
            {
                Send(status);
            }
        }
    }

    private void Beat()
    {
        if (!_ready)
        {
            Send($"EXTEND_TIMEOUT_USEC={MoreTime.TotalMicroseconds:0}", "WATCHDOG=1");
            return;
        }

        var longest = heartbeat.OldestWork;
        var stuck = longest > watchdog;
        if (stuck && !_stuck)
            LogStuck(longest.TotalSeconds);
        _stuck = stuck;
        if (!stuck && watchdog is not null)
            Send("WATCHDOG=1");
    }

    private void Send(params string[] lines)
    {
        try
        {
            socket.Send(lines);
        }
        catch (SocketException e)
        {
            LogUnheard(e.Message);
        }
    }

    [LoggerMessage(801, LogLevel.Critical, "One frame has been in hand for {Seconds:0} s: no more signs of life, systemd's watchdog will end this process")]
    private partial void LogStuck(double seconds);

    [LoggerMessage(802, LogLevel.Warning, "systemd did not hear: {Why}")]
    private partial void LogUnheard(string why);
}
