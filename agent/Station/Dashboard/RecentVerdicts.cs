using System.Text.Json;
using MrfAd.Contracts;
using MrfAd.Station.Inspection;
using MrfAd.Station.Pages;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Dashboard;

/// <summary>
/// Keeps the last verdicts of each camera with small pictures of the selected ones, and their scores for longer. Thread-safe; pictures are encoded on the
/// reporting thread.
/// </summary>
public sealed class RecentVerdicts
{
    // In px: sharp enough to see a defect on a phone or a wall screen.
    private const int Side = 720;

    // The scores of a day at one part in 4 s, at 16 bytes each.
    private const int MaxScores = 20_000;

    // The verdicts of all cameras together that are read after a restart, some 3 MB.
    public const int MaxRestored = 2000;

    private readonly Lock _lock = new();
    private readonly int _keep;
    private readonly MemoryBudget _memory;
    private readonly Dictionary<string, Queue<RecentVerdict>> _verdicts = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Camera, string? Product), Queue<ScorePoint>> _scores = [];

    /// <param name="keep">The number of verdicts that are kept of each camera; 0 keeps none.</param>
    /// <param name="memory">The budget of the station, within which the pictures give way to everything else.</param>
    public RecentVerdicts(int keep, MemoryBudget memory)
    {
        (_keep, _memory) = (keep, memory);
        memory.AddCache(DropOldestPictures);
    }

    /// <summary>Raised after each added verdict, on the reporting thread.</summary>
    public event Action<RecentVerdict>? Added;

    /// <summary>Adds a reported verdict; the caller keeps ownership of the images.</summary>
    public void Add(VerdictMessage message, InspectionReport report)
    {
        if (_keep == 0)
            return;
        var verdict = new RecentVerdict(message, report.IsShown ? Pictures(report) : null, report.Judgement?.Explanation ?? []);
        Keep(verdict);
        Added?.Invoke(verdict);
    }

    /// <summary>Restores the verdicts of earlier runs; their pictures stay on disk.</summary>
    /// <param name="messages">The messages of verdicts as they were published, the oldest first.</param>
    /// <param name="pictures">Finds the pictures of a verdict by their kind.</param>
    public void Restore(IEnumerable<string> messages, Func<VerdictMessage, Func<string, (string Path, string ContentType)?>> pictures)
    {
        foreach (var stored in messages.TakeLast(_keep == 0 ? 0 : MaxRestored))
        {
            try
            {
                if (JsonSerializer.Deserialize(stored, MessageJson.Default.VerdictMessage) is { } message)
                    Keep(new RecentVerdict(message, null, []) { OnDisk = pictures(message) });
            }
            catch (JsonException)
            {
                // Another version of the agent wrote it.
            }
        }
    }

    /// <returns>The verdicts that match, the newest first.</returns>
    /// <param name="camera">The camera; null matches all.</param>
    /// <param name="verdict">The verdict; null matches all.</param>
    /// <param name="max">The maximum number of verdicts.</param>
    public IReadOnlyList<RecentVerdict> Find(string? camera, Verdict? verdict, int max)
    {
        lock (_lock)
        {
            return [.. _verdicts.Where(v => camera is null || v.Key == camera).SelectMany(v => v.Value)
                .Where(v => verdict is null || v.Message.Verdict == verdict)
                .OrderByDescending(v => v.Message.Id).Take(max)];
        }
    }

    /// <returns>The verdict with an id; null where it is not, or no longer, kept.</returns>
    public RecentVerdict? Find(Guid id)
    {
        lock (_lock)
            return _verdicts.Values.SelectMany(v => v).FirstOrDefault(v => v.Message.Id == id);
    }

    /// <returns>The scores of a camera by a product, null where the station has none, the oldest first.</returns>
    public IReadOnlyList<ScorePoint> Scores(string camera, string? product)
    {
        lock (_lock)
            return _scores.TryGetValue((camera, product), out var scores) ? [.. scores] : [];
    }

    private void Keep(RecentVerdict verdict)
    {
        var message = verdict.Message;
        lock (_lock)
        {
            Push(_verdicts, message.Camera, verdict, _keep)?.Pictures?.Dispose();
            if (message.Score is { } score)
                Push(_scores, (message.Camera, message.Product), new ScorePoint(message.Trigger.At, score, message.Verdict == Verdict.Ng), MaxScores);
        }
    }

    /// <returns>The pictures, for which older ones make room; null where there are none, or no room for them.</returns>
    private PreviewPictures? Pictures(InspectionReport report)
    {
        var frame = report.Shot.Frame is { } shown ? PagePicture.Jpeg(shown.Image, Side) : null;
        var heatmap = report.Heatmap is { } map ? PagePicture.Png(map, Side) : null;
        var bytes = (frame?.Length ?? 0) + (heatmap?.Length ?? 0);
        while (bytes > 0)
        {
            if (_memory.TryTakeFree(MemoryUse.Pictures, bytes) is { } share)
                return new PreviewPictures(frame, heatmap, share);
            if (!DropOldestPictures())
                break;
        }

        return null;
    }

    private bool DropOldestPictures()
    {
        lock (_lock)
        {
            var oldest = _verdicts.Values.SelectMany(v => v).Where(v => v.Pictures is { Frame: not null } or { Heatmap: not null }).MinBy(v => v.Message.Id);
            oldest?.Pictures!.Dispose();
            return oldest is not null;
        }
    }

    /// <returns>The item that had to go; the default where none had to.</returns>
    private static T? Push<TKey, T>(Dictionary<TKey, Queue<T>> queues, TKey key, T item, int max)
        where TKey : notnull
    {
        if (!queues.TryGetValue(key, out var queue))
            queues[key] = queue = new Queue<T>();
        queue.Enqueue(item);
        return queue.Count > max ? queue.Dequeue() : default;
    }
}
