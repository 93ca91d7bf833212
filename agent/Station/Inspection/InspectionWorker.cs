using System.Threading.Channels;
using MrfAd.Station.Capture;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Inspection;

/// <summary>Judges the shots of all cameras one after the other, and passes on a report for each.</summary>
public sealed class InspectionWorker(
    DetectorLoader loader,
    ShotInspector inspector,
    PendingShots shots,
    ChannelWriter<InspectionReport> reports,
    StationHealth health,
    Heartbeat heartbeat,
    MrfAdMeter meter) : Worker(health)
{
    private readonly StationHealth _health = health;

    /// <summary>Raised for each report before anything else is done with it, on the inspection's thread, so that handlers must be quick.</summary>
    public event Action<InspectionReport>? Judged;

    protected override async Task RunAsync(CancellationToken stopping)
    {
        // The loop below runs while the detector loads, so that triggers during that time get their verdict at once.
        var loading = Task.Run(Load, CancellationToken.None);
        try
        {
            await foreach (var shot in shots.ReadAllAsync())
            {
                using var work = heartbeat.Begin();
                _health.Running();
                if (shot.Frame is not null)
                    await loading;
                var report = stopping.IsCancellationRequested
                    ? inspector.Refuse(shot, shot.Failure ?? new NoFrame(NoFrameCause.Stopping, "the station is stopping"))
                    : inspector.Inspect(shot);
                Judged?.Invoke(report);
                meter.Record(report);
                await reports.WriteAsync(report, CancellationToken.None);
            }
        }
        finally
        {
            reports.Complete();
            await loading.ContinueWith(_ => loader.Unload(), TaskScheduler.Default);
        }
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
}
