using System.Numerics;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using MrfAd.Engine.Images;
using MrfAd.Platform;
using MrfAd.Station.Capture;

namespace MrfAd.Station.Sources;

/// <summary>
/// Each file that comes into a folder is one frame, in the order of arrival; a file that is written again, or replaced, under the same name with another picture is another one.
/// A file that was there at the start is none as long as it stays as it is. A file renamed within the folder is whole; any other is whole when its size
/// has not changed for a while and it can be decoded. One that cannot, long after it grew last, is a broken frame.
/// A folder that goes away, and one that takes its place, is a camera that was unplugged and is there again.
/// </summary>
public sealed class WatchedFolderSource : IFrameSource
{
    // What still cannot be decoded after this many times the settle time will not become better.
    private const int PatienceFactor = 10;

    // How soon it is seen that the folder is another one: the kernel watches a folder, not its name.
    private static readonly TimeSpan Glance = TimeSpan.FromSeconds(1);

    private readonly string _folder;
    private readonly TimeSpan _settleTime;
    private readonly TimeProvider _clock;
    private readonly Action<string?> _problem;
    private readonly Channel<FileSystemEventArgs?> _events = Channel.CreateUnbounded<FileSystemEventArgs?>(new() { SingleReader = true });
    private readonly Dictionary<string, Taken> _known;
    private readonly List<Arrival> _arrivals = [];
    private FileSystemWatcher _watcher;
    private DateTime _made;

    /// <param name="settleTime">How long a file's size must stand still.</param>
    /// <param name="problem">Told that the folder is gone, and null when it is there again.</param>
    /// <exception cref="IOException">The folder cannot be listed or watched.</exception>
    public WatchedFolderSource(string folder, TimeSpan settleTime, TimeProvider clock, Action<string?> problem)
    {
        _folder = folder;
        _settleTime = settleTime;
        _clock = clock;
        _problem = problem;
        _made = CreationTime();
        _watcher = Watch();
        _known = FrameFiles.In(folder).ToDictionary(path => path, path => new Taken(VersionOf(path)));
    }

    public async ValueTask<Frame?> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            while (_events.Reader.TryRead(out var change))
                Note(change);
            foreach (var arrival in _arrivals.ToList())
            {
                if (IsWhole(arrival) && TryRead(arrival) is { } frame)
                    return frame;
            }

            await WaitAsync(cancellationToken);
        }
    }

    public void Dispose() => _watcher.Dispose();

    private DateTime CreationTime() => UserFiles.Access(_folder, () => Directory.GetCreationTimeUtc(_folder));

    private FileSystemWatcher Watch()
    {
        var watcher = new FileSystemWatcher(_folder) { NotifyFilter = NotifyFilters.FileName | NotifyFilters.Size | NotifyFilters.LastWrite };
        watcher.Created += (_, e) => _events.Writer.TryWrite(e);
        watcher.Changed += (_, e) => _events.Writer.TryWrite(e);
        watcher.Renamed += (_, e) => _events.Writer.TryWrite(e);
        watcher.Deleted += (_, e) => _events.Writer.TryWrite(e);
        // Events were lost: null asks for a look at the whole folder.
        watcher.Error += (_, _) => _events.Writer.TryWrite(null);
        UserFiles.Access(_folder, () => watcher.EnableRaisingEvents = true);
        return watcher;
    }

    /// <summary>What is in a folder that was not the one watched so far, and was not in that, is new.</summary>
    private void LookWhetherItIsThere()
    {
        try
        {
            var made = CreationTime();
            if (made == _made)
                return;
            var before = _watcher;
            _watcher = Watch();
            before.Dispose();
            _made = made;
            _problem(null);
            _events.Writer.TryWrite(null);
        }
        catch (Exception e) when (e is ArgumentException or IOException)
        {
            _made = default;
            _problem(e is ArgumentException ? $"there is no folder '{_folder}'" : $"'{_folder}' cannot be watched: {e.Message}");
        }
    }

    private void Note(FileSystemEventArgs? change)
    {
        switch (change)
        {
            case null when Directory.Exists(_folder):
                foreach (var path in FrameFiles.In(_folder))
                    Arrive(path, whole: false);
                break;
            case null:
                break;
            case RenamedEventArgs renamed:
                Leave(renamed.OldFullPath);
                // Whatever was called so has gone.
                Leave(renamed.FullPath);
                Arrive(renamed.FullPath, whole: true);
                break;
            case { ChangeType: WatcherChangeTypes.Deleted }:
                Leave(change.FullPath);
                break;
            default:
                Arrive(change.FullPath, whole: false);
                break;
        }
    }

    private void Arrive(string path, bool whole)
    {
        if (_arrivals.Find(a => a.Path == path) is { } arrival)
            arrival.ChangedAt = _clock.GetTimestamp();
        else if (FrameFiles.IsImage(path) && VersionOf(path) is var version && (!_known.TryGetValue(path, out var taken) || (taken.Version != version && version.Exists)))
        {
            _known[path] = new Taken(version, taken?.Pixels);
            _arrivals.Add(new Arrival(path) { ChangedAt = _clock.GetTimestamp(), IsWhole = whole });
        }
    }

    private static Version VersionOf(string path) => new FileInfo(path) is { Exists: true } file ? new Version(true, file.Length, file.LastWriteTimeUtc) : default;

    private void Leave(string path)
    {
        _known.Remove(path);
        _arrivals.RemoveAll(a => a.Path == path);
    }

    private bool IsWhole(Arrival arrival)
    {
        if (arrival.IsWhole)
            return true;
        var file = new FileInfo(arrival.Path);
        var length = file.Exists ? file.Length : 0;
        if (length != arrival.Length)
            (arrival.Length, arrival.ChangedAt) = (length, _clock.GetTimestamp());
        return _clock.GetElapsedTime(arrival.ChangedAt) >= _settleTime;
    }

    /// <returns>Null where it may still become whole.</returns>
    private Frame? TryRead(Arrival arrival)
    {
        try
        {
            // Before it is read: what is written meanwhile is another frame.
            var before = _known[arrival.Path] = _known[arrival.Path] with { Version = VersionOf(arrival.Path) };
            var frame = FrameFiles.Read(arrival.Path, _clock);
            _arrivals.Remove(arrival);
            var taken = _known[arrival.Path] = before with { Pixels = Checksum(frame.Image.Bytes) };
            if (taken.Pixels == before.Pixels)
            {
                // Only its time has changed, as copying programs do when they have written a file.
                frame.Image.Dispose();
                return null;
            }

            return frame;
        }
        catch (Exception e) when (e is ImageFormatException or IOException && !IsHopeless(arrival))
        {
            return null;
        }
        catch
        {
            _arrivals.Remove(arrival);
            throw;
        }
    }

    private bool IsHopeless(Arrival arrival) => arrival.IsWhole || _clock.GetElapsedTime(arrival.ChangedAt) >= PatienceFactor * _settleTime;

    /// <summary>Until something happens in the folder, or a file may have settled.</summary>
    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        using var again = new CancellationTokenSource(_arrivals.Count > 0 && _settleTime / 2 < Glance ? _settleTime / 2 : Glance, _clock);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, again.Token);
        try
        {
            await _events.Reader.WaitToReadAsync(end.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            LookWhetherItIsThere();
        }
    }

    private static uint Checksum(ReadOnlySpan<byte> pixels)
    {
        var sum = uint.MaxValue;
        foreach (var eight in MemoryMarshal.Cast<byte, ulong>(pixels))
            sum = BitOperations.Crc32C(sum, eight);
        foreach (var one in pixels[(pixels.Length & ~7)..])
            sum = BitOperations.Crc32C(sum, one);
        return sum;
    }

    /// <param name="Version">The file when it was seen last.</param>
    /// <param name="Pixels">Checksum of the picture that it was when it became a frame; null: it did not.</param>
    private sealed record Taken(Version Version, uint? Pixels = null);

    /// <summary>Tells a file from the one that had its name before.</summary>
    private readonly record struct Version(bool Exists, long Length, DateTime WrittenUtc);

    private sealed class Arrival(string path)
    {
        public string Path { get; } = path;

        public bool IsWhole { get; init; }

        public long Length { get; set; }

        public long ChangedAt { get; set; }
    }
}
