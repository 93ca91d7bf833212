using System.Threading.Channels;

namespace MrfAd.Agent.Capture;

/// <summary>
/// From all cameras to the one inspection, in the order of their triggers. Each <see cref="Camera"/> bounds what it puts in;
/// a trigger that found no room rides along without an image, so that it keeps its place.
/// </summary>
public sealed class PendingShots
{
    private readonly Channel<Shot> _shots = Channel.CreateUnbounded<Shot>(new() { SingleReader = true });
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when frames are wanted.</summary>
    public Task Opened => _opened.Task;

    /// <summary>From now on frames can be judged.</summary>
    public void Open() => _opened.TrySetResult();

    public void Add(Shot shot)
    {
        if (!_shots.Writer.TryWrite(shot))
            shot.Dispose();
    }

    /// <summary>No more will come; the reader ends after the last, or at once with the error.</summary>
    public void Complete(Exception? error = null) => _shots.Writer.TryComplete(error);

    /// <summary>The reader owns each shot, and has made room for another trigger by taking it.</summary>
    public async IAsyncEnumerable<Shot> ReadAllAsync()
    {
        await foreach (var shot in _shots.Reader.ReadAllAsync())
        {
            shot.Camera.Taken(shot);
            yield return shot;
        }
    }
}
