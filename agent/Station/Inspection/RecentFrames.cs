using MrfAd.Engine.Images;

namespace MrfAd.Station.Inspection;

/// <summary>The frames judged last, in memory within a number of bytes, and whoever wants to hear of each.</summary>
public sealed class RecentFrames(long mostBytes) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Queue<(RecentFrame Frame, Image Image)> _frames = new();
    private long _bytes;

    /// <summary>Raised for each verdict, by the inspection itself: it must be quick.</summary>
    public event Action<InspectionReport>? Judged;

    /// <summary>Keeps a copy of its image, where it has one; the oldest make room.</summary>
    public void Add(InspectionReport report)
    {
        if (report is { Judgement: { } judgement, Shot.Frame: { } frame } && frame.Image.Bytes.Length <= mostBytes)
        {
            var (camera, id) = (report.Shot.Camera.Options.Name, report.Shot.Trigger.VerdictId);
            Keep(new RecentFrame(id, camera, frame.Source, report.Verdict, judgement.Score, judgement.By.BankSha256), frame.Image);
        }

        Judged?.Invoke(report);
    }

    /// <param name="cameras">Of these alone.</param>
    /// <returns>Newest first.</returns>
    public IReadOnlyList<RecentFrame> Last(int most, IReadOnlyList<string> cameras)
    {
        lock (_lock)
            return [.. _frames.Reverse().Select(f => f.Frame).Where(f => cameras.Contains(f.Camera)).Take(most)];
    }

    /// <returns>A copy, the caller's; null where it is gone.</returns>
    public Image? Copy(Guid verdictId)
    {
        lock (_lock)
            return _frames.FirstOrDefault(f => f.Frame.VerdictId == verdictId).Image is { } image ? CopyOf(image) : null;
    }

    public RecentFrame? Find(Guid verdictId)
    {
        lock (_lock)
            return _frames.FirstOrDefault(f => f.Frame.VerdictId == verdictId).Frame;
    }

    public void Dispose()
    {
        lock (_lock)
        {
            while (_frames.TryDequeue(out var oldest))
                oldest.Image.Dispose();
        }
    }

    private void Keep(RecentFrame frame, Image image)
    {
        var copy = CopyOf(image);
        lock (_lock)
        {
            _bytes += copy.Bytes.Length;
            _frames.Enqueue((frame, copy));
            while (_bytes > mostBytes && _frames.TryDequeue(out var oldest))
            {
                _bytes -= oldest.Image.Bytes.Length;
                oldest.Image.Dispose();
            }
        }
    }

    private static Image CopyOf(Image image)
    {
        var copy = new Image(image.Width, image.Height, image.Channels, image.Depth);
        image.Bytes.CopyTo(copy.Bytes);
        return copy;
    }
}
