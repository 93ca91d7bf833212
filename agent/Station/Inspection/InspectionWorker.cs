using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using MrfAd.Station.Capture;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Inspection;

/// <summary>Judges the shots of all cameras one after the other, and passes on a report for each.</summary>
public sealed partial class InspectionWorker(
    DetectorLoader loader,
    ShotInspector inspector,
    PendingShots shots,
    ChannelWriter<InspectionReport> reports,
    StationHealth health,
    Heartbeat heartbeat,
    MrfAdMeter meter,
    ILogger<InspectionWorker> log) : Worker(health)
{
    private const string Handlers = "handlers of verdicts";

    private readonly StationHealth _health = health;

    /// <summary>Raised for each report before anything else is done with it, on the inspection's thread, so that handlers must be quick.</summary>
    public event Action<InspectionReport>? Judged;

    protected override async Task RunAsync(CancellationToken stopping)
    {
        // The loop below runs while the detector loads, so that triggers during that time get their verdict at once.
        var loading = Task.Run(Load, CancellationToken.None);
        var serving = ServeAsync(loading, stopping);
        await using var wake = stopping.Register(shots.Recheck);
        try
        {
            await foreach (var shot in shots.ReadAllAsync(shot => IsReady(shot, stopping)))
            {
                using var work = heartbeat.Begin();
                _health.Running();
                if (shot.Frame is not null)
                    await loading;
                if (stopping.IsCancellationRequested)
                    Give(inspector.Refuse(shot, shot.Failure ?? new NoFrame(NoFrameCause.Stopping, "the station is stopping")));
                else
                    inspector.Inspect(shot, Give);
            }
        }
        finally
        {
            reports.Complete();
            await Task.WhenAll(loading, serving).ContinueWith(_ => loader.Unload(), TaskScheduler.Default);
        }
    }

    private void Give(InspectionReport report)
    {
        Raise(report);
        meter.Record(report);
        if (!reports.TryWrite(report))
            reports.WriteAsync(report).AsTask().Wait();
    }

    /// <summary>Calls every handler. One that throws ends neither the others nor the station, and makes the state Degraded until the next start: a reject output may have missed a part.</summary>
    private void Raise(InspectionReport report)
    {
        foreach (var handler in Delegate.EnumerateInvocationList(Judged))
        {
            try
            {
                handler(report);
            }
            catch (Exception e)
            {
                var name = handler.Method.DeclaringType?.Name ?? "a handler";
                LogFailed(report.Shot.Camera.Options.Name, report.Shot.Trigger.Seq, name, e);
                _health.Set(Handlers, $"{name} failed at {report.Shot.Camera.Options.Name} #{report.Shot.Trigger.Seq}: {ErrorText.Of(e)}");
            }
        }
    }

    /// <summary>Returns true for a shot that can be judged or refused now; false where its model is not loaded yet.</summary>
    private bool IsReady(Shot shot, CancellationToken stopping) =>
        shot.Frame is null || stopping.IsCancellationRequested || loader.IsReady(shot.Camera.Options.Name, shot.Trigger.Product);

    private async Task ServeAsync(Task loading, CancellationToken stopping)
    {
        await loading;
        await Task.Run(() => loader.ServeAsync(shots.Recheck, stopping), CancellationToken.None);
    }

    private void Load()
    {
        try
        {
            loader.Load();
            shots.Open();
        }
        catch (Exception e)
        {
            shots.Complete(e);
            throw;
        }
    }

    [LoggerMessage(207, LogLevel.Error, "{Camera} #{Seq}: {Handler} failed at the verdict; the verdict itself is reported")]
    private partial void LogFailed(string camera, long seq, string handler, Exception e);
}
