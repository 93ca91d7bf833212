using MrfAd.Engine.Images;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Inspection;

/// <summary>Keeps copies of the last frames in memory, within a limit of bytes, and announces each.</summary>
public sealed class RecentFrames : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Queue<(RecentFrame Frame, Image Image, IDisposable Memory)> _frames = new();
    private readonly long _maxBytes;
    private readonly MemoryBudget _memory;
    private long _bytes;

    /// <param name="maxBytes">The maximum size of all pictures in bytes.</param>
    /// <param name="memory">The budget of the station, within which they give way to everything else.</param>
    public RecentFrames(long maxBytes, MemoryBudget memory)
    {
        (_maxBytes, _memory) = (maxBytes, memory);
        memory.AddCache(DropOldest);
    }

    /// <summary>Raised for each report on the inspection's thread, so that handlers must be quick.</summary>
    public event Action<InspectionReport>? Judged;

    /// <summary>Keeps a copy of the image of a judged report; the oldest frames make room.</summary>
    public void Add(InspectionReport report)
    {
        if (report is { Judgement: { } judgement, Shot.Frame: { } frame } && frame.Image.Bytes.Length <= _maxBytes)
        {
            var (camera, id) = (report.Shot.Camera.Options.Name, report.Shot.Trigger.VerdictId);
            Keep(new RecentFrame(id, camera, frame.Source, report.Verdict, judgement.Score, judgement.By.BankSha256) { Product = report.Shot.Trigger.Product }, frame.Image);
        }

        Judged?.Invoke(report);
    }

    /// <param name="max">The maximum number of frames.</param>
    /// <param name="cameras">The cameras whose frames are returned.</param>
    /// <param name="product">The product whose frames are returned; null where the station has none.</param>
    /// <returns>The max recent frames, the newest first.</returns>
    public IReadOnlyList<RecentFrame> Last(int max, IReadOnlyList<string> cameras, string? product)
    {
        lock (_lock)
            return [.. _frames.Reverse().Select(f => f.Frame).Where(f => f.Product == product && cameras.Contains(f.Camera)).Take(max)];
    }

    /// <returns>A copy of the picture, which the caller owns; null where it is no longer kept.</returns>
    public Image? Copy(Guid verdictId)
    {
        lock (_lock)
            return _frames.FirstOrDefault(f => f.Frame.VerdictId == verdictId).Image is { } image ? CopyOf(image) : null;
    }

    /// <returns>The frame of a verdict; null where it is no longer kept.</returns>
    public RecentFrame? Find(Guid verdictId)
    {
        lock (_lock)
            return _frames.FirstOrDefault(f => f.Frame.VerdictId == verdictId).Frame;
    }

    public void Dispose()
    {
        while (DropOldest())
        {
            // Until none is left.
        }
    }

    private void Keep(RecentFrame frame, Image image)
    {
        var bytes = image.Bytes.Length;
        IDisposable? share;
        while (Volatile.Read(ref _bytes) + bytes > _maxBytes && DropOldest())
        {
            // Until there is room.
        }

        while ((share = _memory.TryTakeFree(MemoryUse.Frames, bytes)) is null)
        {
            if (!DropOldest())
                return;
        }

        var copy = CopyOf(image);
        lock (_lock)
        {
            _bytes += bytes;
            _frames.Enqueue((frame, copy, share!));
        }
    }

    private bool DropOldest()
    {
        lock (_lock)
        {
            if (!_frames.TryDequeue(out var oldest))
                return false;
            _bytes -= oldest.Image.Bytes.Length;
            oldest.Image.Dispose();
            oldest.Memory.Dispose();
            return true;
        }
    }

    private static Image CopyOf(Image image)
    {
        var copy = new Image(image.Width, image.Height, image.Channels, image.Depth);
        image.Bytes.CopyTo(copy.Bytes);
        return copy;
    }
}
