using System.Text.Json;
using MrfAd.Contracts;
using MrfAd.Engine.Images;
using MrfAd.Station.History;
using MrfAd.Station.Inspection;

namespace MrfAd.Station.Updates;

/// <summary>Finds the frames that corrections learn, and the known defects with which their previews are made: in memory, and on disk in the size in which they were judged.</summary>
public sealed class CorrectionFrames(RecentFrames recent, HistoryQuery history, KeptPictures pictures)
{
    // Parts that were called bad are inspected twice for a preview, some 0.2 s each on a slow device.
    private const int MaxCalledBad = 50;

    /// <returns>The camera and the product of a verdict; null where the verdict is not known.</returns>
    public (string Camera, string? Product)? JudgedAs(Guid verdict) =>
        recent.Find(verdict) is { } frame ? (frame.Camera, frame.Product)
        : history.Find(verdict) is { } stored && Message(stored) is { } message ? (message.Camera, message.Product)
        : null;

    /// <returns>The frame of a verdict.</returns>
    /// <exception cref="UpdateRefusedException">The verdict is not known, or its frame is not kept; the text says why.</exception>
    public CorrectionFrame Find(Guid verdict)
    {
        if (recent.Find(verdict) is { } frame)
            return new CorrectionFrame(verdict, frame.Camera, frame.Product, () => recent.Copy(verdict));
        if (history.Find(verdict) is not { } stored)
            throw new UpdateRefusedException($"there is no verdict {verdict}, or no longer");
        var message = Message(stored);
        if (message.Frame is not { } judged)
            throw new UpdateRefusedException($"verdict {verdict} has no frame");
        if (pictures.Find(stored, message.Camera, verdict, KeptPictures.Frame) is not { } kept)
            throw new UpdateRefusedException($"the frame of verdict {verdict} is no longer in memory (updates.recent_frames_mb), and not kept on disk (cameras[].frame, evidence)");
        var size = ImageCodec.Size(kept.Path);
        return size == (judged.WidthPx, judged.HeightPx)
            ? new CorrectionFrame(verdict, message.Camera, message.Product, () => Read(kept.Path))
            : throw new UpdateRefusedException($"the kept frame of verdict {verdict} is {(size is var (width, height) ? $"{width}x{height}" : "unreadable")}, want the {judged.WidthPx}x{judged.HeightPx} that were judged");
    }

    /// <returns>True where the frame of a stored verdict could be learned.</returns>
    public bool Has(Guid verdict)
    {
        try
        {
            return Find(verdict) is not null;
        }
        catch (UpdateRefusedException)
        {
            return false;
        }
    }

    /// <returns>The known defects: NG frames in memory that nobody called good, and the newest parts that people called bad and whose frames are kept.</returns>
    /// <param name="taught">The verdicts on parts that are good.</param>
    /// <param name="product">The product by which they were judged; null where the station has none.</param>
    public IReadOnlyList<CorrectionFrame> Defects(IReadOnlySet<Guid> taught, IReadOnlyList<string> cameras, string? product)
    {
        var ng = recent.Last(int.MaxValue, cameras, product).Where(f => f.Verdict == Verdict.Ng && !IsCalledGood(f.VerdictId)).Select(f => f.VerdictId);
        var bad = history.All(new HistoryFilter { Label = PartLabels.Bad }, CancellationToken.None).Where(v => v.Product == product && cameras.Contains(v.Camera)).Select(v => v.Id).Where(Has).Take(MaxCalledBad);
        return [.. ng.Concat(bad).Distinct().Where(id => !taught.Contains(id)).Where(Has).Select(Find)];
    }

    /// <returns>The NG verdicts of some cameras and a product on parts that people called good, the newest first.</returns>
    public IEnumerable<HistoryEntry> CalledGood(IReadOnlyList<string> cameras, string? product) =>
        history.All(new HistoryFilter { Label = PartLabels.Good, Verdict = Verdict.Ng }, CancellationToken.None).Where(v => v.Product == product && cameras.Contains(v.Camera));

    private bool IsCalledGood(Guid verdict) => history.Find(verdict)?.Labels is [{ Label: PartLabels.Good }, ..];

    private static VerdictMessage Message(StoredVerdict stored) => JsonSerializer.Deserialize(stored.Message, MessageJson.Default.VerdictMessage)!;

    private static Image? Read(string path)
    {
        try
        {
            return ImageCodec.Read(path);
        }
        catch (IOException)
        {
            // It was deleted for space in the meantime.
            return null;
        }
    }
}
