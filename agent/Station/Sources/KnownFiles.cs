namespace MrfAd.Station.Sources;

/// <summary>The files of a watched folder: those there at the start, delivered ones, and those that are to be read. A file that is moved stays known.</summary>
public sealed class KnownFiles(TimeProvider clock)
{
    // A move shows as a file that has gone and one that has come, at most one look at the folder apart; longer for a program that moves files by way of another folder.
    private static readonly TimeSpan GoneMemory = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, KnownFile> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<FileVersion, (KnownFile File, long At)> _gone = [];

    /// <summary>The paths of all known files.</summary>
    public IEnumerable<string> Paths => _files.Keys;

    public KnownFile? Find(string path) => _files.GetValueOrDefault(path);

    public void Set(string path, KnownFile file) => _files[path] = file;

    /// <summary>Forgets a path; its file is remembered for a while, in case that it has been moved.</summary>
    public void Remove(string path)
    {
        if (!_files.Remove(path, out var file))
            return;
        foreach (var old in _gone.Where(g => clock.GetElapsedTime(g.Value.At) > GoneMemory).Select(g => g.Key).ToList())
            _gone.Remove(old);
        if (file.Version.Exists)
            _gone[file.Version] = (file, clock.GetTimestamp());
    }

    /// <summary>Finds the file that had another path and has this one now. It is found once: another file of the same size may be written within the resolution of the time.</summary>
    /// <returns>Null where no file of this version has gone.</returns>
    public KnownFile? FindMoved(FileVersion version) =>
        _gone.Remove(version, out var gone) && clock.GetElapsedTime(gone.At) <= GoneMemory ? gone.File : null;
}
