using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using MrfAd.Contracts;
using MrfAd.Station.Inspection;
using MrfAd.Station.Outbox;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Reporting;

/// <summary>Puts the verdict of each trigger into the outbox, raises it as an event, hands its pictures on to be stored, and runs the outbox until all are sent.</summary>
public sealed partial class ReportingWorker(
    ChannelReader<InspectionReport> reports, StationOutbox outbox, PictureWriter pictures, StationMessages messages, PresencePublisher presence, VerdictEvents events, StationHealth health,
    ILogger<ReportingWorker> log) : Worker(health)
{
    /// <summary>Runs until the inspection has closed its channel and the outbox is empty, not until <paramref name="stopping"/>: what was triggered is still reported.</summary>
    protected override async Task RunAsync(CancellationToken stopping)
    {
        using var end = new CancellationTokenSource();
        using var presenceEnd = new CancellationTokenSource();
        var presenceTask = presence.RunAsync(presenceEnd.Token);
        foreach (var trigger in outbox.Interrupted)
            Add(VerdictMessages.Interrupted(trigger, messages.Topics.Station), spots: null, outbox.BeginTrace(trigger));
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

        await pictures.CompleteAsync();
        outbox.Complete();
        end.CancelAfter(PresencePublisher.ShutdownTimeout);
    }

    private async Task AddAsync(InspectionReport report)
    {
        var verdict = VerdictMessages.From(report, messages.Topics.Station);
        var stored = Add(verdict, VerdictMessages.Spots(report), report.Shot.Trigger.Trace);
        if (report.Drawing is { } drawing)
            await ((Task)drawing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // the next report comes after it
        events.ReportImages(verdict, report);
        pictures.Add(stored, verdict, report);
    }

    private OutboxMessage Add(VerdictMessage verdict, string? spots, PartTrace? trace)
    {
        trace?.End(verdict);
        var stored = outbox.AddVerdict(messages.VerdictHeaders(verdict, trace?.Traceparent), verdict, StationMessages.Content(verdict), spots);
        events.Report(verdict);
        return stored;
    }

    [LoggerMessage(321, LogLevel.Information, "The broker did not take {Verdicts} verdicts and {Pictures} pictures before the end; the outbox keeps them for the next start")]
    private partial void LogUnsent(int verdicts, int pictures);
}
