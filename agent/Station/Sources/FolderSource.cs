using MrfAd.Engine.Images;
using MrfAd.Station.Capture;

namespace MrfAd.Station.Sources;

/// <summary>Delivers the images of a folder in the order of their names, one for each trigger. A file whose reading does not come back is passed over.</summary>
public sealed class FolderSource : IFrameSource
{
    private readonly string _folder;
    private readonly bool _loop;
    private readonly Func<string, Frame> _read;
    private readonly BlockingCalls _calls;
    private string[] _files;
    private int _next;

    /// <param name="limits">Returns the largest image that is decoded.</param>
    /// <param name="loop">Lists the folder again at its end, new files included.</param>
    /// <param name="problem">Called with the reason when a read does not come back, and with null when it has.</param>
    /// <exception cref="IOException">The folder cannot be listed.</exception>
    public FolderSource(string folder, bool loop, Func<ImageLimits> limits, TimeProvider clock, Action<string?> problem)
        : this(folder, loop, path => FrameFiles.Read(path, limits(), clock), BlockingCalls.DefaultLimit, problem)
    {
    }

    /// <param name="read">Reads and decodes a file.</param>
    /// <param name="readLimit">The time within which a read must come back.</param>
    public FolderSource(string folder, bool loop, Func<string, Frame> read, TimeSpan readLimit, Action<string?> problem)
    {
        (_folder, _loop, _read) = (folder, loop, read);
        _calls = new BlockingCalls($"folder {folder}", readLimit, problem);
        _files = FrameFiles.In(folder);
    }

    public async ValueTask<Frame?> NextAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_next == _files.Length && _loop)
            (_files, _next) = (await _calls.RunAsync($"listing {_folder}", () => FrameFiles.In(_folder), null, cancellationToken), 0);
        if (_next == _files.Length)
            return null;
        var path = _files[_next++];
        return await _calls.RunAsync($"reading {Path.GetFileName(path)}", () => _read(path), frame => frame.Image.Dispose(), cancellationToken);
    }

    public void Dispose() => _calls.Dispose();
}
