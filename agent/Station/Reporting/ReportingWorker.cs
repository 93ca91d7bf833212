using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using MrfAd.Contracts;
using MrfAd.Engine.Features;
using MrfAd.Engine.Images;
using MrfAd.Engine.Search;
using MrfAd.Engine.Verdicts;
using MrfAd.Station.Capture;
using MrfAd.Station.Dashboard;
using MrfAd.Station.Evidence;
using MrfAd.Station.Inspection;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Station.Outbox;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Reporting;

/// <summary>Tells the broker how each trigger ended: the verdict first, its pictures when they are encoded. Says hello and good-bye.</summary>
public sealed partial class ReportingWorker : Worker
{
    // systemd kills after 90 s; the shutdown as a whole has 30 s.
    private static readonly TimeSpan FarewellTime = TimeSpan.FromSeconds(5);

    private readonly ChannelReader<InspectionReport> _reports;
    private readonly IMqttLink _link;
    private readonly BrokerConnection _broker;
    private readonly StatePublisher _state;
    private readonly StationMessages _messages;
    private readonly StationHealth _health;
    private readonly TimeProvider _clock;
    private readonly ILogger<ReportingWorker> _log;
    private readonly StationOutbox _outbox;
    private readonly OutboxPublisher _outboxPublisher;
    private readonly VerdictFeed _feed;
    private readonly RecentVerdicts _recent;
    private readonly EvidenceStore _evidence;
    private readonly RecentFrames _frames;

    public ReportingWorker(
        ChannelReader<InspectionReport> reports, IMqttLink link, BrokerConnection broker, StatePublisher state, StationMessages messages,
        StationOutbox outbox, OutboxPublisher outboxPublisher, VerdictFeed feed, RecentVerdicts recent, EvidenceStore evidence, RecentFrames frames, StationHealth health,
        TimeProvider clock, ILogger<ReportingWorker> log)
        : base(health)
    {
        _reports = reports;
        _link = link;
        _broker = broker;
        _state = state;
        _messages = messages;
        _health = health;
        _clock = clock;
        _log = log;
        _outbox = outbox;
        _outboxPublisher = outboxPublisher;
        _feed = feed;
        _recent = recent;
        _evidence = evidence;
        _frames = frames;
    }

    protected override async Task RunAsync(CancellationToken stopping)
    {
        using var end = new CancellationTokenSource();
        var state = Task.WhenAll(_state.RunAsync(end.Token), _outboxPublisher.RunAsync(end.Token));
        foreach (var trigger in _outbox.Interrupted)
            Add(VerdictOf(trigger));
        _link.Start();
        try
        {
            await foreach (var done in Task.WhenEach(EncodeAsync(end), _outbox.RunAsync(end.Token)))
                await done;
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            LogUnsent(_outbox.Verdicts.Waiting, _outbox.Pictures.Waiting);
        }
        finally
        {
            _feed.End();
        }

        await end.CancelAsync();
        await state.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await SayGoodbyeAsync();
    }

    /// <summary>Until the last report; then what is ready has a while to go out.</summary>
    private async Task EncodeAsync(CancellationTokenSource end)
    {
        await foreach (var report in _reports.ReadAllAsync(CancellationToken.None))
        {
            using (report)
            {
                _frames.Add(report);
                Add(report);
            }
        }

        _outbox.Complete();
        end.CancelAfter(FarewellTime);
    }

    private void Add(InspectionReport report)
    {
        var verdict = VerdictOf(report);
        var letter = Add(verdict);
        var options = report.Shot.Camera.Options;
        if (report.Heatmap is { } heatmap && options.Heatmap.IsWanted(report.Verdict))
        {
            var (bytes, type) = Encode(heatmap, options.Heatmap.Format);
            _outbox.AddPicture(_messages.HeatmapLabel(verdict, type), letter, bytes);
        }

        _recent.Add(verdict, report);
        if (report.Shot.Frame is not { } frame)
            return;
        if (options.Frame.IsWanted(report.Verdict))
        {
            var (bytes, type) = Encode(frame.Image, options.Frame.Format);
            _outbox.AddPicture(_messages.FrameLabel(verdict, type), letter, bytes);
        }

        if (_evidence.Wants(verdict))
        {
            var (bytes, type) = Encode(frame.Image, _evidence.Format);
            _evidence.Keep(verdict, bytes, type == "image/png" ? ".png" : ".jpg");
        }
    }

    private Letter Add(VerdictMessage verdict)
    {
        var letter = _outbox.AddVerdict(_messages.VerdictLabel(verdict), StationMessages.Content(verdict));
        _feed.Give(verdict);
        return letter;
    }

    /// <summary>Of a trigger that a killed process, or a power loss, left without one.</summary>
    private VerdictMessage VerdictOf(TriggerEntry trigger) => new()
    {
        Id = trigger.Id,
        Seq = trigger.Seq,
        Station = _messages.Topics.Station,
        Camera = trigger.Camera,
        Trigger = new VerdictTrigger { Id = trigger.Trigger, Source = trigger.Source, At = trigger.At },
        Verdict = Verdict.Invalid,
        Reason = "the agent was restarted before the image was judged",
        TimingsMs = new VerdictTimings { Total = 0 },
    };

    private VerdictMessage VerdictOf(InspectionReport report)
    {
        var (shot, judgement) = (report.Shot, report.Judgement);
        return new VerdictMessage
        {
            Id = shot.Trigger.VerdictId,
            Seq = shot.Trigger.Seq,
            Station = _messages.Topics.Station,
            Camera = shot.Camera.Options.Name,
            Trigger = new VerdictTrigger { Id = shot.Trigger.Id, Source = shot.Trigger.Source, At = shot.Trigger.At },
            CapturedAt = shot.CapturedAt,
            Verdict = report.Verdict,
            Reason = report.Reason,
            Fault = report.Fault is { } fault ? new VerdictFault { Kind = MetricLabel.Of(fault.Kind), Value = fault.Value, Limit = fault.Limit } : null,
            Degraded = judgement?.Degraded is not null,
            Score = judgement?.Score,
            Threshold = judgement?.Threshold,
            PValue = judgement?.PValue,
            Regions = [.. judgement?.Regions.Select(r => new VerdictRegion
            {
                XPx = r.X, YPx = r.Y, WidthPx = r.Width, HeightPx = r.Height, AreaPx = r.Area, Score = r.Score,
            }) ?? []],
            Bank = judgement is null ? null : new VerdictBank { Id = judgement.By.BankId, Version = judgement.By.BankVersion, Sha256 = judgement.By.BankSha256 },
            Encoder = judgement is null ? null : new VerdictEncoder { Id = judgement.By.EncoderId, Sha256 = judgement.By.EncoderSha256 },
            Frame = shot.Frame is null ? null : new VerdictFrame { WidthPx = shot.Frame.Image.Width, HeightPx = shot.Frame.Image.Height, Source = shot.Frame.Source },
            TimingsMs = new VerdictTimings
            {
                Queue = report.Queue.TotalMilliseconds,
                Decode = shot.Frame?.Decode.TotalMilliseconds ?? 0,
                Mask = judgement?.Times.Mask.TotalMilliseconds ?? 0,
                Features = judgement?.Times.Features.TotalMilliseconds ?? 0,
                Search = judgement?.Times.Search.TotalMilliseconds ?? 0,
                Fuse = judgement?.Times.Fuse.TotalMilliseconds ?? 0,
                Total = report.Total.TotalMilliseconds,
            },
        };
    }

    private static (byte[] Bytes, string ContentType) Encode(Image image, ImageFormat format) =>
        format == ImageFormat.Jpeg && image.Depth == PixelDepth.Eight
            ? (ImageCodec.Encode(image, ImageFormat.Jpeg), "image/jpeg")
            : (ImageCodec.Encode(image, ImageFormat.Png), "image/png");

    private async Task SayGoodbyeAsync()
    {
        using var patience = new CancellationTokenSource(FarewellTime, _clock);
        var health = _health.Current;
        var failed = health.State == StationState.Error;
        try
        {
            // A station that fails while it starts, before it is connected, says so all the same.
            if (failed)
                await _broker.WaitAsync(patience.Token);
            await _state.PublishAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            // A broker that does not answer gets no good-bye either: it will send our will.
        }

        await _link.StopAsync(_messages.Offline(failed ? health.Reason! : "stopped", _clock.GetUtcNow()), patience.Token);
    }

    [LoggerMessage(321, LogLevel.Information, "The broker did not take {Verdicts} verdicts and {Pictures} pictures before the end; the outbox keeps them for the next start")]
    private partial void LogUnsent(int verdicts, int pictures);
}
