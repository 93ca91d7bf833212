using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using MrfAd.Agent.Health;
using MrfAd.Agent.Inspection;
using MrfAd.Agent.Mqtt;
using MrfAd.Engine.Images;

namespace MrfAd.Agent.Reporting;

/// <summary>Tells the broker how each trigger ended: the verdict first, its pictures when they are encoded. Says hello and good-bye.</summary>
public sealed partial class ReportingWorker : Worker
{
    // About 10 MB of verdicts: an hour at three a second.
    private const int VerdictRoom = 10_000;

    // Pictures are a megabyte or so.
    private const int PictureRoom = 64;

    // systemd kills after 90 s; the shutdown as a whole has 30 s.
    private static readonly TimeSpan FarewellTime = TimeSpan.FromSeconds(5);

    private readonly ChannelReader<InspectionReport> _reports;
    private readonly IMqttLink _link;
    private readonly StatePublisher _state;
    private readonly StationMessages _messages;
    private readonly StationHealth _health;
    private readonly TimeProvider _clock;
    private readonly ILogger<ReportingWorker> _log;
    private readonly Outgoing<VerdictMessage> _verdicts;
    private readonly Outgoing<MqttMessage> _pictures;

    public ReportingWorker(
        ChannelReader<InspectionReport> reports, IMqttLink link, BrokerConnection broker, StatePublisher state, StationMessages messages,
        StationHealth health, MrfAdMeter meter, TimeProvider clock, ILogger<ReportingWorker> log)
        : base(health)
    {
        _reports = reports;
        _link = link;
        _state = state;
        _messages = messages;
        _health = health;
        _clock = clock;
        _log = log;
        _verdicts = new("verdict", VerdictRoom, (verdict, late) => messages.Verdict(verdict with { Historical = late }), link, broker, meter, clock, log);
        _pictures = new("picture", PictureRoom, (picture, _) => picture, link, broker, meter, clock, log);
    }

    protected override async Task RunAsync(CancellationToken stopping)
    {
        using var end = new CancellationTokenSource();
        var state = _state.RunAsync(end.Token);
        _link.Start();
        try
        {
            await foreach (var done in Task.WhenEach(EncodeAsync(end), _verdicts.RunAsync(end.Token), _pictures.RunAsync(end.Token)))
                await done;
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            LogUnsent(_verdicts.Count, _pictures.Count);
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
                Add(report);
        }

        _verdicts.Complete();
        _pictures.Complete();
        end.CancelAfter(FarewellTime);
    }

    private void Add(InspectionReport report)
    {
        var verdict = VerdictOf(report);
        var told = _verdicts.Add(verdict, after: Task.CompletedTask);
        var options = report.Shot.Camera.Options;
        if (report.Heatmap is { } heatmap)
        {
            var (bytes, type) = Encode(heatmap, options.Heatmap.Format);
            _pictures.Add(_messages.Heatmap(verdict, bytes, type), after: told);
        }

        if (report.Shot.Frame is { } frame && options.Frame.IsWanted(report.Verdict))
        {
            var (bytes, type) = Encode(frame.Image, options.Frame.Format);
            _pictures.Add(_messages.Frame(verdict, bytes, type), after: told);
        }
    }

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
        try
        {
            await _state.PublishAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            // A broker that does not answer gets no good-bye either: it will send our will.
        }

        await _link.StopAsync(_messages.Offline(health.State == StationState.Error ? health.Reason! : "stopped", _clock.GetUtcNow()), patience.Token);
    }

    [LoggerMessage(321, LogLevel.Warning, "The broker did not take {Verdicts} verdicts and {Pictures} pictures before the end; they are lost")]
    private partial void LogUnsent(int verdicts, int pictures);
}
