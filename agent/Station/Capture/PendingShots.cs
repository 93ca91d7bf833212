using System.Threading.Channels;

namespace MrfAd.Station.Capture;

/// <summary>
/// The fair queue from all cameras to the one inspection. The shots of a camera come in the order of their triggers; among the cameras that wait, the one
/// that has used the device least is next. Each <see cref="Camera"/> limits the number of its shots; a trigger that was refused is queued without an image,
/// so that it keeps its place in the order.
/// </summary>
public sealed class PendingShots(TimeProvider clock)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Camera, Line> _lines = [];
    private readonly Channel<bool> _added = Channel.CreateUnbounded<bool>(new() { SingleReader = true });
    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { SingleReader = true, FullMode = BoundedChannelFullMode.DropWrite });
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TimeSpan _minUsed;

    /// <summary>Raised for each shot before it is queued, on its camera's thread, so that handlers must be quick. They do not throw.</summary>
    public event Action<Shot>? Adding;

    /// <summary>Completes when frames can be judged.</summary>
    public Task Opened => _opened.Task;

    /// <summary>Announces that frames can be judged from now on.</summary>
    public void Open() => _opened.TrySetResult();

    /// <summary>Adds a shot; once the queue is complete, the shot is disposed instead.</summary>
    public void Add(Shot shot)
    {
        Adding?.Invoke(shot);
        lock (_lock)
        {
            if (!_added.Writer.TryWrite(true))
            {
                shot.Dispose();
                return;
            }

            if (!_lines.TryGetValue(shot.Camera, out var line))
                _lines[shot.Camera] = line = new Line();
            // A camera that had nothing to inspect for a while earns no advantage by that.
            if (line.Shots.Count == 0 && line.Used < _minUsed)
                line.Used = _minUsed;
            line.Shots.Enqueue(shot);
        }

        Recheck();
    }

    /// <summary>Looks again at the shots that were not ready.</summary>
    public void Recheck() => _changes.Writer.TryWrite(true);

    /// <summary>Completes the queue: the reader ends after the last shot, or at once with the error.</summary>
    public void Complete(Exception? error = null)
    {
        _added.Writer.TryComplete(error);
        Recheck();
    }

    /// <summary>
    /// Reads all shots. A shot that is not ready waits, and with it those after it of the same camera, since a camera's verdicts come in order; other cameras go on. The reader owns each shot, and by taking it makes room for another trigger. The time until it takes the next one counts as that camera's use of the device.
    /// </summary>
    /// <param name="isReady">Returns true for a shot that can be judged now; called again after each <see cref="Recheck"/>. With null every shot is ready.</param>
    public async IAsyncEnumerable<Shot> ReadAllAsync(Func<Shot, bool>? isReady = null)
    {
        await foreach (var _ in _added.Reader.ReadAllAsync())
        {
            (Line Line, Shot Shot)? next;
            while ((next = Next(isReady)) is null)
                await _changes.Reader.ReadAsync();
            var (line, shot) = next.Value;
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

    /// <returns>The shot that is next, and its camera's line; null where none is ready.</returns>
    private (Line Line, Shot Shot)? Next(Func<Shot, bool>? isReady)
    {
        lock (_lock)
        {
            var line = _lines.Values.Where(l => l.Shots.Count > 0 && isReady?.Invoke(l.Shots.Peek()) != false).MinBy(l => (l.Used, l.Shots.Peek().QueuedAt));
            if (line is null)
                return null;
            _minUsed = line.Used;
            return (line, line.Shots.Dequeue());
        }
    }

    private sealed class Line
    {
        public Queue<Shot> Shots { get; } = [];

        public TimeSpan Used { get; set; }
    }
}
