using MrfAd.Engine.Images;
using MrfAd.Station.Capture;

namespace MrfAd.Station.Sources;

/// <summary>Delivers the images of a folder in the order of their names, one for each trigger.</summary>
/// <param name="limits">Returns the largest image that is decoded.</param>
/// <param name="loop">Lists the folder again at its end, new files included.</param>
public sealed class FolderSource(string folder, bool loop, Func<ImageLimits> limits, TimeProvider clock) : IFrameSource
{
    private string[] _files = FrameFiles.In(folder);
    private int _next;

    public ValueTask<Frame?> NextAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_next == _files.Length && loop)
            (_files, _next) = (FrameFiles.In(folder), 0);
        return ValueTask.FromResult(_next < _files.Length ? FrameFiles.Read(_files[_next++], limits(), clock) : null);
    }

    public void Dispose()
    {
    }
}
