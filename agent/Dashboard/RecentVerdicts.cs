using MrfAd.Agent.Inspection;
using MrfAd.Agent.Pages;
using MrfAd.Agent.Reporting;

namespace MrfAd.Agent.Dashboard;

/// <param name="keep">Verdicts of each camera; 0: nobody looks.</param>
/// <summary>
/// The last verdicts of each camera with small pictures, and their scores for longer. Thread-safe; pictures are made on the reporting thread, all of
/// parts that are not OK, of good parts at most one a second.
/// </summary>
public sealed class RecentVerdicts(int keep, TimeProvider clock)
{
    // On a phone or a wall screen, sharp enough to see a defect.
    private const int Side = 720;

    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);

    // A day at one part in 4 s; 16 bytes each.
    private const int ScoresKept = 20_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Queue<RecentVerdict>> _verdicts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Queue<ScorePoint>> _scores = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _pictured = new(StringComparer.Ordinal);

    /// <summary>Raised after each, on the reporting thread.</summary>
    public event Action<RecentVerdict>? Added;

    /// <summary>Takes in what was reported; the images stay the caller's.</summary>
    public void Add(VerdictMessage message, InspectionReport report)
    {
        if (keep == 0)
            return;
        var wanted = message.Verdict != Verdict.Ok || IsTime(message.Camera);
        var verdict = new RecentVerdict(
            message,
            wanted && report.Shot.Frame is { } frame ? PagePicture.Jpeg(frame.Image, Side) : null,
            wanted && report.Heatmap is { } heatmap ? PagePicture.Png(heatmap, Side) : null,
            report.Judgement?.Explanation ?? []);
        lock (_lock)
        {
            Push(_verdicts, message.Camera, verdict, keep);
            if (message.Score is { } score)
                Push(_scores, message.Camera, new ScorePoint(message.Trigger.At, score, message.Verdict == Verdict.Ng), ScoresKept);
        }

        Added?.Invoke(verdict);
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

    private bool IsTime(string camera)
    {
        var now = clock.GetTimestamp();
        if (_pictured.TryGetValue(camera, out var last) && clock.GetElapsedTime(last, now) < Pace)
            return false;
        _pictured[camera] = now;
        return true;
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
