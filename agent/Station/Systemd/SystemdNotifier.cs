using System.Net.Sockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MrfAd.Contracts;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Systemd;

/// <summary>
/// Notifies systemd of the state of the station: READY once the detector is loaded, a status line on each change, and watchdog keep-alives as long as no work
/// item takes longer than the watchdog allows, whether frames flow or the line stands still.
/// </summary>
public sealed partial class SystemdNotifier(
    NotifySocket socket, TimeSpan? watchdog, StationHealth health, Heartbeat heartbeat, TimeProvider clock, ILogger<SystemdNotifier> log) : BackgroundService
{
    // Loading a bank, or building an engine for this device, may take longer than systemd waits for a start.
    private static readonly TimeSpan StartExtension = TimeSpan.FromSeconds(30);

    private readonly Lock _order = new();
    private bool _ready;
    private bool _stuck;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        health.Changed += ReportState;
        try
        {
            ReportState();
            using var timer = new PeriodicTimer(watchdog is { } limit && limit / 3 < StartExtension / 3 ? limit / 3 : StartExtension / 3, clock);
            while (await timer.WaitForNextTickAsync(stoppingToken))
                ReportAlive();
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
        finally
        {
            health.Changed -= ReportState;
            Send("STOPPING=1");
        }
    }

    private void ReportState()
    {
        lock (_order)
        {
            var now = health.Current;
            var status = $"STATUS={now.State}{(now.Reason is { } reason ? $": {reason.ReplaceLineEndings(" ")}" : null)}";
            if (!_ready && now.State is not (StationState.Preparing or StationState.Error))
            {
                _ready = true; // also when Degraded: units that wait for this one must not wait for the broker
                Send("READY=1", status);
            }
            else
            {
                Send(status);
            }
        }
    }

    private void ReportAlive()
    {
        if (!_ready)
        {
            Send($"EXTEND_TIMEOUT_USEC={StartExtension.TotalMicroseconds:0}", "WATCHDOG=1");
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
            LogNotNotified(e.Message);
        }
    }

    [LoggerMessage(801, LogLevel.Critical, "One frame has been processed for {Seconds:0} s: no more keep-alives, systemd's watchdog will end this process")]
    private partial void LogStuck(double seconds);

    [LoggerMessage(802, LogLevel.Warning, "systemd was not notified: {Why}")]
    private partial void LogNotNotified(string why);
}
