using System.Globalization;
using MrfAd.Engine.Images;
using MrfAd.Station.Capture;

namespace MrfAd.Station.Sources;

/// <summary>Delivers the frames of a video file in order, one for each trigger. A file whose reading does not come back is opened again, from its beginning.</summary>
public sealed class VideoFileSource : IFrameSource
{
    private readonly string _path;
    private readonly bool _loop;
    private readonly TimeProvider _clock;
    private readonly BlockingCalls _calls;
    private Film _film;
    private int _abandoned;

    /// <param name="path">The path of a file that OpenCV's VideoCapture can read.</param>
    /// <param name="loop">Opens the file again at its end.</param>
    /// <param name="problem">Called with the reason when a read does not come back, and with null when it has.</param>
    /// <exception cref="VideoException">The file cannot be opened.</exception>
    public VideoFileSource(string path, bool loop, TimeProvider clock, Action<string?> problem)
    {
        (_path, _loop, _clock) = (path, loop, clock);
        _calls = new BlockingCalls($"video {path}", BlockingCalls.DefaultLimit, problem);
        _film = new Film(VideoReader.Open(path));
    }

    public async ValueTask<Frame?> NextAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return await _calls.RunAsync($"reading {Path.GetFileName(_path)}", Read, frame => frame?.Image.Dispose(), cancellationToken);
    }

    public void Dispose() => _calls.Dispose(last: () => _film.Reader?.Dispose());

    /// <summary>Reads the next frame, on a thread of the calls, of which one at a time runs.</summary>
    private Frame? Read()
    {
        // A thread that was left alone still uses its film, which therefore nobody else may use or close.
        if (_abandoned != _calls.Abandoned)
            (_abandoned, _film) = (_calls.Abandoned, new Film(null));
        var film = _film;
        var start = _clock.GetTimestamp();
        var image = (film.Reader ??= VideoReader.Open(_path)).Read();
        if (image is null && _loop && film.Frames > 0)
        {
            film.Reader.Dispose();
            (film.Reader, film.Frames) = (null, 0);
            image = (film.Reader = VideoReader.Open(_path)).Read();
        }

        return image is null ? null : new Frame(image, Name(++film.Frames), _clock.GetElapsedTime(start));
    }

    private string Name(int frame) => string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(_path)}#{frame}");

    /// <summary>An opened video, and the number of frames that were read of it.</summary>
    private sealed class Film(VideoReader? reader)
    {
        public VideoReader? Reader { get; set; } = reader;

        public int Frames { get; set; }
    }
}
