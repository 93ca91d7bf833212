using System.Collections.Concurrent;
using MrfAd.Engine.Images;
using MrfAd.Station.Capture;
using MrfAd.Station.Sources;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Sources;

public sealed class VideoSourceTests : IDisposable
{
    private static TimeSpan WaitTimeout => TestTimeout.Value;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_frames_of_a_film_come_in_order_and_then_end()
    {
        using var source = new VideoFileSource(Film(3), loop: false, TimeProvider.System, _ => { });

        var (first, second, third) = (await NextAsync(source), await NextAsync(source), await NextAsync(source));

        Assert.Equal(["film.avi#1", "film.avi#2", "film.avi#3"], [first.Name, second.Name, third.Name]);
        Assert.True(first.Brightness < second.Brightness && second.Brightness < third.Brightness);
        Assert.Null(await source.NextAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_film_in_a_loop_starts_over()
    {
        using var source = new VideoFileSource(Film(2), loop: true, TimeProvider.System, _ => { });

        var first = await NextAsync(source);
        await NextAsync(source);

        Assert.Equal(first, await NextAsync(source));
    }

    [Fact]
    public void A_file_that_is_no_film_is_named()
    {
        File.WriteAllText(_folder.File("film.avi"), "not a film");

        Assert.Contains("film.avi", Assert.Throws<VideoException>(() => new VideoFileSource(_folder.File("film.avi"), false, TimeProvider.System, _ => { })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_live_source_that_is_absent_is_told_of_and_delivers_when_it_appears()
    {
        var problems = new ConcurrentQueue<string?>();
        var absent = new TaskCompletionSource();
        var path = _folder.File("film.avi");
        using var source = Live(path, why =>
        {
            problems.Enqueue(why);
            absent.TrySetResult();
        });

        await absent.Task.WaitAsync(WaitTimeout);
        Film(3);
        await NextAsync(source);

        Assert.Contains("camera cannot be opened", problems.First(), StringComparison.Ordinal);
        Assert.Contains(null, problems);
    }

    [Fact]
    public async Task A_live_source_that_breaks_off_is_opened_again()
    {
        var lost = new TaskCompletionSource<string>();
        using var source = Live(Film(2), why =>
        {
            if (why is not null)
                lost.TrySetResult(why);
        });

        Assert.Equal("camera broke off after 2 frames", await lost.Task.WaitAsync(WaitTimeout));
        await NextAsync(source);
    }

    [Fact]
    public async Task A_live_source_without_frames_waits_until_it_is_cancelled()
    {
        using var source = Live(_folder.File("absent.avi"), _ => { });
        using var stop = new CancellationTokenSource();
        var next = source.NextAsync(stop.Token).AsTask();

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next.WaitAsync(WaitTimeout));
    }

    private static LiveSource Live(string path, Action<string?> problem) =>
        new("camera", _ => new FilmReader(path), every: false, TimeSpan.FromMilliseconds(1), stallAfter: null, TimeProvider.System, problem);

    private string Film(int frames)
    {
        // Written elsewhere and moved, because a growing file could be opened half complete.
        TestVideo.Write(_folder.File("new.avi"), frames);
        File.Move(_folder.File("new.avi"), _folder.File("film.avi"));
        return _folder.File("film.avi");
    }

    private static async Task<(string Name, int Brightness)> NextAsync(IFrameSource source)
    {
        var frame = await source.NextAsync(CancellationToken.None).AsTask().WaitAsync(WaitTimeout);
        using (frame!.Image)
            return (frame.Source, frame.Image.Bytes[0]);
    }

    /// <summary>A camera that is present while a file exists, and sends its frames.</summary>
    private sealed class FilmReader(string path) : ILiveReader
    {
        private readonly VideoReader _reader = Open(path);

        public Image? Read() => _reader.Read();

        public void Interrupt()
        {
        }

        public void Dispose() => _reader.Dispose();

        private static VideoReader Open(string path)
        {
            try
            {
                return VideoReader.Open(path);
            }
            catch (VideoException e)
            {
                throw new CameraLostException(e.Message);
            }
        }
    }
}
