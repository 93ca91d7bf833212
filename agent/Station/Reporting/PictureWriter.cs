using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using MrfAd.Contracts;
using MrfAd.Engine.Images;
using MrfAd.Station.Inspection;
using MrfAd.Station.Outbox;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Reporting;

/// <summary>
/// Encodes the pictures of verdicts and stores them, on a thread of its own: a disk that is slow or does not answer costs pictures, which are counted, but no
/// verdict waits for it.
/// </summary>
public sealed partial class PictureWriter(StationOutbox outbox, StationMessages messages, VerdictEvents events, StationHealth health, TimeProvider clock, ILogger<PictureWriter> log)
{
    // Reports that wait, each with a frame and a heatmap in memory.
    private const int MaxWaiting = 16;

    // Pictures that the disk has refused are tried again at this interval; a stop waits so long for a disk that does not answer.
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1), StopLimit = TimeSpan.FromSeconds(5);

    private readonly Channel<(OutboxMessage Stored, VerdictMessage Verdict, InspectionReport Report)> _waiting =
        Channel.CreateBounded<(OutboxMessage, VerdictMessage, InspectionReport)>(MaxWaiting);

    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TransientProblem _drops = new(health, "pictures", clock);

    /// <summary>Queues the pictures of a verdict, or drops them where too many wait. The report is disposed of in either case.</summary>
    public void Add(OutboxMessage stored, VerdictMessage verdict, InspectionReport report)
    {
        if (_waiting.Writer.TryWrite((stored, verdict, report)))
            return;
        using (report)
            outbox.Pictures.Drop(Wanted(verdict, report).Count(), "slow_disk");
        if (_drops.Raise("pictures are dropped: the disk does not keep up with them"))
            LogDrops();
    }

    /// <summary>Stores pictures until <see cref="CompleteAsync"/>; an error that is not of the disk ends it.</summary>
    public Task RunAsync()
    {
        Task.Factory.StartNew(StoreAll, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).ContinueWith(_ended.TrySetFromTask, TaskScheduler.Default);
        return _ended.Task;
    }

    /// <summary>Announces that no more pictures will be added; completes when all are stored, or the disk does not answer.</summary>
    public async Task CompleteAsync()
    {
        _waiting.Writer.TryComplete();
        await Task.WhenAny(_ended.Task, Task.Delay(StopLimit));
        _ended.TrySetResult();
    }

    private void StoreAll()
    {
        var more = _waiting.Reader.WaitToReadAsync().AsTask();
        while (!more.IsCompleted || more.Result)
        {
            if (!more.Wait(RetryDelay))
            {
                outbox.RetryPictures();
                continue;
            }

            while (_waiting.Reader.TryRead(out var next))
                Store(next.Stored, next.Verdict, next.Report);
            more = _waiting.Reader.WaitToReadAsync().AsTask();
        }
    }

    private void Store(OutboxMessage stored, VerdictMessage verdict, InspectionReport report)
    {
        using (report)
        {
            foreach (var (image, format, kind) in Wanted(verdict, report))
            {
                var picture = EncodedPicture.Encode(image, format);
                var headers = kind == "frame" ? messages.FrameHeaders(verdict, picture.ContentType) : messages.HeatmapHeaders(verdict, picture.ContentType);
                outbox.AddPicture(headers, stored, kind, picture.Bytes);
            }

            events.StoreImages(verdict, report);
        }
    }

    private static IEnumerable<(Image Image, ImageFormat Format, string Kind)> Wanted(VerdictMessage verdict, InspectionReport report)
    {
        var options = report.Shot.Camera.Options;
        if (report.Heatmap is { } heatmap && options.Heatmap.IsWanted(verdict.Verdict))
            yield return (heatmap, options.Heatmap.Format, "heatmap");
        if (report.Shot.Frame is { } frame && options.Frame.IsWanted(verdict.Verdict))
            yield return (frame.Image, options.Frame.Format, "frame");
    }

    [LoggerMessage(323, LogLevel.Error, "Pictures and evidence are dropped: the disk does not keep up with them")]
    private partial void LogDrops();
}
