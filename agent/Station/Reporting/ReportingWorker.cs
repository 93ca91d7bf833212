using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using MrfAd.Station.Inspection;
using MrfAd.Station.Outbox;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Reporting;

/// <summary>Puts the verdict of each trigger into the outbox, raises it as an event, hands its pictures on to be stored, and runs the outbox until all are sent.</summary>
public sealed partial class ReportingWorker(
    ChannelReader<InspectionReport> reports, VerdictReporter reporter, StationOutbox outbox, PictureWriter pictures, PresencePublisher presence, VerdictEvents events, StationHealth health,
    ILogger<ReportingWorker> log) : Worker(health)
{
    /// <summary>Runs until the inspection has closed its channel and the outbox is empty, not until <paramref name="stopping"/>: what was triggered is still reported.</summary>
    protected override async Task RunAsync(CancellationToken stopping)
    {
        using var end = new CancellationTokenSource();
        using var presenceEnd = new CancellationTokenSource();
        var presenceTask = presence.RunAsync(presenceEnd.Token);
        reporter.Begin();
        presence.Connect();
        try
        {
            // Presence ends by itself only when it fails, and then it ends the station as the others do.
            await await Task.WhenAny(ReportAndSendAsync(end), presenceTask);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            LogUnsent(outbox.Verdicts.Waiting, outbox.Pictures.Waiting);
        }
        catch (Exception e)
        {
            Fail(e);
            throw;
        }
        finally
        {
            events.End();
            await end.CancelAsync();
            await presenceEnd.CancelAsync();
            await presenceTask.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await presence.DisconnectAsync();
        }
    }

    private async Task ReportAndSendAsync(CancellationTokenSource end)
    {
        await foreach (var done in Task.WhenEach(ReportAsync(end), outbox.RunAsync(end.Token), pictures.RunAsync()))
            await done;
    }

    /// <summary>Adds reports to the outbox until the last one; then the waiting messages have a few seconds to be sent.</summary>
    private async Task ReportAsync(CancellationTokenSource end)
    {
        await foreach (var report in reports.ReadAllAsync(CancellationToken.None))
            await AddAsync(report);

        reporter.End();
        await pictures.CompleteAsync();
        outbox.Complete();
        end.CancelAfter(PresencePublisher.ShutdownTimeout);
    }

    private async Task AddAsync(InspectionReport report)
    {
        var stored = reporter.Add(report);
        if (report.Drawing is { } drawing)
            await ((Task)drawing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // the next report comes after it
        events.ReportImages(stored.Verdict!, report);
        pictures.Add(stored, stored.Verdict!, report);
    }

    [LoggerMessage(321, LogLevel.Information, "The broker did not take {Verdicts} verdicts and {Pictures} pictures before the end; the outbox keeps them for the next start")]
    private partial void LogUnsent(int verdicts, int pictures);
}
