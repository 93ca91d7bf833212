using System.Text.Json;
using MrfAd.Contracts;
using MrfAd.Station.Inspection;
using MrfAd.Station.Outbox;
using MrfAd.Station.Pages;

namespace MrfAd.Station.Dashboard;

/// <summary>
/// The last verdicts of each camera with small pictures of those that are shown, and their scores for longer. Thread-safe; pictures are made on the
/// reporting thread.
/// </summary>
/// <param name="keep">Verdicts of each camera; 0: nobody looks.</param>
public sealed class RecentVerdicts(int keep)
{
    // On a phone or a wall screen, sharp enough to see a defect.
    private const int Side = 720;

    // A day at one part in 4 s; 16 bytes each.
    private const int ScoresKept = 20_000;

    // Of all cameras together, after a restart: some 3 MB to read.
    private const int Restored = 2000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Queue<RecentVerdict>> _verdicts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Queue<ScorePoint>> _scores = new(StringComparer.Ordinal);

    /// <summary>Raised after each, on the reporting thread.</summary>
    public event Action<RecentVerdict>? Added;

    /// <summary>Takes in what was reported; the images stay the caller's.</summary>
    public void Add(VerdictMessage message, InspectionReport report)
    {
        if (keep == 0)
            return;
        var verdict = new RecentVerdict(
            message,
            report.IsShown && report.Shot.Frame is { } frame ? PagePicture.Jpeg(frame.Image, Side) : null,
            report.IsShown && report.Heatmap is { } heatmap ? PagePicture.Png(heatmap, Side) : null,
            report.Judgement?.Explanation ?? []);
        Keep(verdict);
        Added?.Invoke(verdict);
    }

    /// <summary>Takes in what earlier runs gave, without pictures: those are gone.</summary>
    public void Restore(Journal earlier)
    {
        if (keep == 0)
            return;
        foreach (var letter in earlier.Find(_ => true, int.MaxValue).TakeLast(Restored))
        {
            try
            {
                if (earlier.Content(letter) is { } content && JsonSerializer.Deserialize(content.Span, MessageJson.Default.VerdictMessage) is { } message)
                    Keep(new RecentVerdict(message, null, null, []));
            }
            catch (JsonException)
            {
                // Another version of the agent wrote it.
            }
        }
    }

    /// <returns>The newest first.</returns>
    /// <param name="camera">Null: of all.</param>
    /// <param name="verdict">Null: whatever they say.</param>
    public IReadOnlyList<RecentVerdict> Find(string? camera, Verdict? verdict, int most)
    {
        lock (_lock)
        {
            return [.. _verdicts.Where(v => camera is null || v.Key == camera).SelectMany(v => v.Value)
                .Where(v => verdict is null || v.Message.Verdict == verdict)
                .OrderByDescending(v => v.Message.Id).Take(most)];
        }
    }

    /// <returns>Null where it is not, or no longer, there.</returns>
    public RecentVerdict? Find(Guid id)
    {
        lock (_lock)
            return _verdicts.Values.SelectMany(v => v).FirstOrDefault(v => v.Message.Id == id);
    }

    /// <returns>The oldest first.</returns>
    public IReadOnlyList<ScorePoint> Scores(string camera)
    {
        lock (_lock)
            return _scores.TryGetValue(camera, out var scores) ? [.. scores] : [];
    }

    private void Keep(RecentVerdict verdict)
    {
        var message = verdict.Message;
        lock (_lock)
        {
            Push(_verdicts, message.Camera, verdict, keep);
            if (message.Score is { } score)
                Push(_scores, message.Camera, new ScorePoint(message.Trigger.At, score, message.Verdict == Verdict.Ng), ScoresKept);
        }
    }

    private static void Push<T>(Dictionary<string, Queue<T>> queues, string camera, T item, int most)
    {
        if (!queues.TryGetValue(camera, out var queue))
            queues[camera] = queue = new Queue<T>();
        queue.Enqueue(item);
        if (queue.Count > most)
            queue.Dequeue();
    }
}
