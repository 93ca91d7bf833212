using System.Numerics;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using MrfAd.Engine.Images;
using MrfAd.Platform;
using MrfAd.Station.Capture;

namespace MrfAd.Station.Sources;

/// <summary>
/// Delivers each file that comes into a folder as one frame, in the order of arrival. A file that is written again, or replaced, with another picture is another
/// frame; a file that was there at the start is one only after such a change. A file renamed within the folder is complete; any other is complete when its size
/// has not changed for a while and it can be decoded. A file that cannot be decoded long after it grew last is a broken frame.
/// A folder that is removed counts as an unplugged camera until a folder takes its place.
/// </summary>
public sealed class WatchedFolderSource : IFrameSource
{
    // A file that still cannot be decoded after this many times the settle time is broken.
    private const int BrokenAfterSettleTimes = 10;

    // The interval at which a replaced folder is noticed: the kernel watches a folder, not its name.
    private static readonly TimeSpan RecheckInterval = TimeSpan.FromSeconds(1);

    private readonly string _folder;
    private readonly TimeSpan _settleTime;
    private readonly TimeProvider _clock;
    private readonly Action<string?> _problem;
    private readonly Channel<FileSystemEventArgs?> _events = Channel.CreateUnbounded<FileSystemEventArgs?>(new() { SingleReader = true });
    private readonly Dictionary<string, Taken> _known;
    private readonly List<Arrival> _arrivals = [];
    private FileSystemWatcher _watcher;
    private DateTime _createdAt;

    /// <param name="settleTime">The time for which the size of a complete file has not changed.</param>
    /// <param name="problem">Called with the reason when the folder is gone, and with null when it is there again.</param>
    /// <exception cref="IOException">The folder cannot be listed or watched.</exception>
    public WatchedFolderSource(string folder, TimeSpan settleTime, TimeProvider clock, Action<string?> problem)
    {
        _folder = folder;
        _settleTime = settleTime;
        _clock = clock;
        _problem = problem;
        _createdAt = CreationTime();
        _watcher = Watch();
        _known = FrameFiles.In(folder).ToDictionary(path => path, path => new Taken(VersionOf(path)));
    }

    public async ValueTask<Frame?> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            while (_events.Reader.TryRead(out var change))
                Apply(change);
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
        // Events were lost: null lists the whole folder again.
        watcher.Error += (_, _) => _events.Writer.TryWrite(null);
        UserFiles.Access(_folder, () => watcher.EnableRaisingEvents = true);
        return watcher;
    }

    /// <summary>Watches the folder anew where another one has taken its place; its files are new unless the folder before had them.</summary>
    private void ReopenIfReplaced()
    {
        try
        {
            var createdAt = CreationTime();
            if (createdAt == _createdAt)
                return;
            var before = _watcher;
            _watcher = Watch();
            before.Dispose();
            _createdAt = createdAt;
            _problem(null);
            _events.Writer.TryWrite(null);
        }
        catch (Exception e) when (e is ArgumentException or IOException)
        {
            _createdAt = default;
            _problem(e is ArgumentException ? $"there is no folder '{_folder}'" : $"'{_folder}' cannot be watched: {e.Message}");
        }
    }

    private void Apply(FileSystemEventArgs? change)
    {
        switch (change)
        {
            case null when Directory.Exists(_folder):
                foreach (var path in FrameFiles.In(_folder))
                    AddArrival(path, whole: false);
                break;
            case null:
                break;
            case RenamedEventArgs renamed:
                Remove(renamed.OldFullPath);
                // A file that had the new name before is gone.
                Remove(renamed.FullPath);
                AddArrival(renamed.FullPath, whole: true);
                break;
            case { ChangeType: WatcherChangeTypes.Deleted }:
                Remove(change.FullPath);
                break;
            default:
                AddArrival(change.FullPath, whole: false);
                break;
        }
    }

    private void AddArrival(string path, bool whole)
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

    private void Remove(string path)
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

    /// <returns>The frame; null where the file may still become complete.</returns>
    private Frame? TryRead(Arrival arrival)
    {
        try
        {
            // Noted before the file is read, so that a write meanwhile counts as another frame.
            var before = _known[arrival.Path] = _known[arrival.Path] with { Version = VersionOf(arrival.Path) };
            var frame = FrameFiles.Read(arrival.Path, _clock);
            _arrivals.Remove(arrival);
            var taken = _known[arrival.Path] = before with { Pixels = Checksum(frame.Image.Bytes) };
            if (taken.Pixels == before.Pixels)
            {
                // Only the time of the file has changed: copying programs set it after they have written a file.
                frame.Image.Dispose();
                return null;
            }

            return frame;
        }
        catch (Exception e) when (e is ImageFormatException or IOException && !IsBroken(arrival))
        {
            return null;
        }
        catch
        {
            _arrivals.Remove(arrival);
            throw;
        }
    }

    private bool IsBroken(Arrival arrival) => arrival.IsWhole || _clock.GetElapsedTime(arrival.ChangedAt) >= BrokenAfterSettleTimes * _settleTime;

    /// <summary>Waits until something happens in the folder, or a file may have settled.</summary>
    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        using var again = new CancellationTokenSource(_arrivals.Count > 0 && _settleTime / 2 < RecheckInterval ? _settleTime / 2 : RecheckInterval, _clock);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, again.Token);
        try
        {
            await _events.Reader.WaitToReadAsync(end.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            ReopenIfReplaced();
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

    /// <param name="Version">The version of the file that was seen last.</param>
    /// <param name="Pixels">The checksum of the picture that was delivered as a frame; null where none was.</param>
    private sealed record Taken(Version Version, uint? Pixels = null);

    /// <summary>Distinguishes a file from the one that had its name before.</summary>
    private readonly record struct Version(bool Exists, long Length, DateTime WrittenUtc);

    private sealed class Arrival(string path)
    {
        public string Path { get; } = path;

        public bool IsWhole { get; init; }

        public long Length { get; set; }

        public long ChangedAt { get; set; }
    }
}
