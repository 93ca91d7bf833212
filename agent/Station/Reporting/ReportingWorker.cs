using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using MrfAd.Contracts;
using MrfAd.Engine.Images;
using MrfAd.Station.Inspection;
using MrfAd.Station.Outbox;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Reporting;

/// <summary>Puts the verdict of each trigger and then its pictures into the outbox, raises them as events, and runs the outbox until all are sent.</summary>
public sealed partial class ReportingWorker(
    ChannelReader<InspectionReport> reports, StationOutbox outbox, StationMessages messages, PresencePublisher presence, VerdictEvents events, StationHealth health,
    ILogger<ReportingWorker> log) : Worker(health)
{
    /// <summary>Runs until the inspection has closed its channel and the outbox is empty, not until <paramref name="stopping"/>: what was triggered is still reported.</summary>
    protected override async Task RunAsync(CancellationToken stopping)
    {
        using var end = new CancellationTokenSource();
        using var presenceEnd = new CancellationTokenSource();
        var presenceTask = presence.RunAsync(presenceEnd.Token);
        foreach (var trigger in outbox.Interrupted)
            Add(VerdictMessages.Interrupted(trigger, messages.Topics.Station));
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
        await foreach (var done in Task.WhenEach(ReportAsync(end), outbox.RunAsync(end.Token)))
            await done;
    }

    /// <summary>Adds reports to the outbox until the last one; then the waiting messages have a few seconds to be sent.</summary>
    private async Task ReportAsync(CancellationTokenSource end)
    {
        await foreach (var report in reports.ReadAllAsync(CancellationToken.None))
        {
            using (report)
                Add(report);
        }

        outbox.Complete();
        end.CancelAfter(PresencePublisher.ShutdownTimeout);
    }

    private void Add(InspectionReport report)
    {
        var verdict = VerdictMessages.From(report, messages.Topics.Station);
        var stored = Add(verdict);
        var options = report.Shot.Camera.Options;
        if (report.Heatmap is { } heatmap && options.Heatmap.IsWanted(report.Verdict))
            AddPicture(heatmap, options.Heatmap.Format, type => messages.HeatmapHeaders(verdict, type), stored);
        if (report.Shot.Frame is { } frame && options.Frame.IsWanted(report.Verdict))
            AddPicture(frame.Image, options.Frame.Format, type => messages.FrameHeaders(verdict, type), stored);
        events.ReportImages(verdict, report);
    }

    private OutboxMessage Add(VerdictMessage verdict)
    {
        var stored = outbox.AddVerdict(messages.VerdictHeaders(verdict), StationMessages.Content(verdict));
        events.Report(verdict);
        return stored;
    }

    private void AddPicture(Image image, ImageFormat format, Func<string, MessageHeaders> headers, OutboxMessage verdict)
    {
        var picture = EncodedPicture.Encode(image, format);
        outbox.AddPicture(headers(picture.ContentType), verdict, picture.Bytes);
    }

    [LoggerMessage(321, LogLevel.Information, "The broker did not take {Verdicts} verdicts and {Pictures} pictures before the end; the outbox keeps them for the next start")]
    private partial void LogUnsent(int verdicts, int pictures);
}
