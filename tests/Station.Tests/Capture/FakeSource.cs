using System.Threading.Channels;
using MrfAd.Engine.Images;
using MrfAd.Station.Capture;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Capture;

/// <summary>A camera that delivers the frames that the test gives it.</summary>
public sealed class FakeSource : IFrameSource
{
    private readonly Channel<object> _frames = Channel.CreateUnbounded<object>();
    private readonly SemaphoreSlim _taken = new(0);
    private readonly ManualResetEventSlim _opened = new();
    private Action<string?> _problem = _ => { };

    /// <summary>The number of times that it was opened.</summary>
    public int Openings { get; private set; }

    /// <summary>Called when it is opened, before that succeeds.</summary>
    public Action Opening { get; set; } = () => { };

    public bool IsLive { get; set; }

    /// <summary>The number of frames that have not been taken.</summary>
    public int Waiting => _frames.Reader.Count;

    public IFrameSource Open(Action<string?> problem)
    {
        Opening();
        Openings++;
        _problem = problem;
        _opened.Set();
        return this;
    }

    /// <summary>Waits until it is open.</summary>
    public void WaitOpened() => Assert.True(_opened.Wait(TimeSpan.FromSeconds(20)));

    public void Give(byte brightness) => Give(TestPart.Make(brightness));

    /// <param name="skipped">The number of frames that were skipped before it.</param>
    public void Give(byte brightness, long skipped) => _frames.Writer.TryWrite(new Frame(TestPart.Make(brightness), "fake", TimeSpan.Zero) { Skipped = skipped });

    public void Give(Image image) => _frames.Writer.TryWrite(image);

    public void Give(Exception error) => _frames.Writer.TryWrite(error);

    public void End() => _frames.Writer.TryComplete();

    public void Problem(string? why) => _problem(why);

    /// <summary>Completes when as many more frames have been taken.</summary>
    public async Task TakenAsync(int count)
    {
        for (var i = 0; i < count; i++)
            Assert.True(await _taken.WaitAsync(TestTimeout.Value));
    }

    public async ValueTask<Frame?> NextAsync(CancellationToken cancellationToken)
    {
        if (!await _frames.Reader.WaitToReadAsync(cancellationToken) || !_frames.Reader.TryRead(out var next))
            return null;
        _taken.Release();
        return next is Exception error ? throw error : next as Frame ?? new Frame((Image)next, "fake", TimeSpan.Zero);
    }

    public void Dispose()
    {
        // It may be opened again.
    }
}
