using MrfAd.Station.Capture;

namespace MrfAd.Station.Sources;

/// <summary>Delivers the images of a folder in the order of their names, one for each trigger.</summary>
/// <param name="loop">Lists the folder again at its end, new files included.</param>
public sealed class FolderSource(string folder, bool loop, TimeProvider clock) : IFrameSource
{
    private string[] _files = FrameFiles.In(folder);
    private int _next;

    public ValueTask<Frame?> NextAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_next == _files.Length && loop)
            (_files, _next) = (FrameFiles.In(folder), 0);
        return ValueTask.FromResult(_next < _files.Length ? FrameFiles.Read(_files[_next++], clock) : null);
    }

    public void Dispose()
    {
    }
}
