using System.Threading.Channels;

namespace MrfAd.Station.Capture;

/// <summary>
/// From all cameras to the one inspection: each camera's shots in the order of their triggers, and among the cameras that wait the one that has
/// used the device least. Each <see cref="Camera"/> bounds what it puts in; a trigger that found no room rides along without an image, so that
/// it keeps its place.
/// </summary>
public sealed class PendingShots(TimeProvider clock)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Camera, Line> _lines = [];
    private readonly Channel<bool> _added = Channel.CreateUnbounded<bool>(new() { SingleReader = true });
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TimeSpan _leastUsed;

    /// <summary>Completes when frames are wanted.</summary>
    public Task Opened => _opened.Task;

    /// <summary>From now on frames can be judged.</summary>
    public void Open() => _opened.TrySetResult();

    public void Add(Shot shot)
    {
        lock (_lock)
        {
            if (!_added.Writer.TryWrite(true))
            {
                shot.Dispose();
                return;
            }

            if (!_lines.TryGetValue(shot.Camera, out var line))
                _lines[shot.Camera] = line = new Line();
            // Who was away has not saved anything up.
            if (line.Shots.Count == 0 && line.Used < _leastUsed)
                line.Used = _leastUsed;
            line.Shots.Enqueue(shot);
        }
    }

    /// <summary>No more will come; the reader ends after the last, or at once with the error.</summary>
    public void Complete(Exception? error = null) => _added.Writer.TryComplete(error);

    /// <summary>The reader owns each shot, and has made room for another trigger by taking it. What it does until it takes the next is that camera's use of the device.</summary>
    public async IAsyncEnumerable<Shot> ReadAllAsync()
    {
        await foreach (var _ in _added.Reader.ReadAllAsync())
        {
            var (line, shot) = Next();
            shot.Camera.Taken(shot);
            var start = clock.GetTimestamp();
            try
            {
                yield return shot;
            }
            finally
            {
                var used = clock.GetElapsedTime(start);
                lock (_lock)
                    line.Used += used;
            }
        }
    }

    private (Line Line, Shot Shot) Next()
    {
        lock (_lock)
        {
            var line = _lines.Values.Where(l => l.Shots.Count > 0).MinBy(l => (l.Used, l.Shots.Peek().QueuedAt))!;
            _leastUsed = line.Used;
            return (line, line.Shots.Dequeue());
        }
    }

    private sealed class Line
    {
        public Queue<Shot> Shots { get; } = [];

        public TimeSpan Used { get; set; }
    }
}
