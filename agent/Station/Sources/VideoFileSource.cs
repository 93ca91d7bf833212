using System.Globalization;
using MrfAd.Engine.Images;
using MrfAd.Station.Capture;

namespace MrfAd.Station.Sources;

/// <summary>Delivers the frames of a video file in order, one for each trigger.</summary>
/// <param name="path">The path of a file that OpenCV's VideoCapture can read.</param>
/// <param name="loop">Opens the file again at its end.</param>
/// <exception cref="VideoException">The file cannot be opened.</exception>
public sealed class VideoFileSource(string path, bool loop, TimeProvider clock) : IFrameSource
{
    private VideoReader _reader = VideoReader.Open(path);
    private int _count;

    public ValueTask<Frame?> NextAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var start = clock.GetTimestamp();
        var image = _reader.Read();
        if (image is null && loop && _count > 0)
        {
            _reader.Dispose();
            (_reader, _count) = (VideoReader.Open(path), 0);
            image = _reader.Read();
        }

        return ValueTask.FromResult(image is null ? null : new Frame(image, Name(++_count), clock.GetElapsedTime(start)));
    }

    public void Dispose() => _reader.Dispose();

    private string Name(int frame) => string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(path)}#{frame}");
}
