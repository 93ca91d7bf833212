using System.Numerics;
using System.Runtime.InteropServices;
using MrfAd.Engine.Images;
using MrfAd.Station.Capture;

namespace MrfAd.Station.Sources;

/// <summary>
/// Delivers each file that comes into a folder, or into a folder below it, as one frame, in the order of arrival. A file that is written again, or replaced, with
/// another picture is another frame; a file that was there at the start is one only after such a change, and one that is moved is the same. A file renamed within
/// the folder is complete; any other is complete when its size has not changed for a while and it can be decoded. A file that cannot be decoded long after it grew
/// last is a broken frame, and one that is replaced before it could be read a lost one. So is one whose reading does not come back, as on a network share that hangs;
/// the others are read on. A folder that is removed counts as an unplugged camera until a folder takes its place.
/// </summary>
public sealed partial class WatchedFolderSource : IFrameSource
{
    // A file that still cannot be decoded after this many times the settle time is broken.
    private const int BrokenAfterSettleTimes = 10;

    // Looking through a folder takes at most a twentieth of the time, as many files as it may have.
    private const int ScanPauseFactor = 20;

    // The interval at which the folder is looked through, and at which a replaced one is noticed.
    private static readonly TimeSpan MinScanInterval = TimeSpan.FromSeconds(1);

    private readonly string _folder;
    private readonly TimeSpan _settleTime;
    private readonly Func<string, Frame> _read;
    private readonly BlockingCalls _calls;
    private readonly TimeProvider _clock;
    private readonly Action<string?> _problem;
    private readonly Action<string?> _warning;
    private readonly FolderEvents _events;
    private readonly KnownFiles _known;
    private readonly List<Arrival> _arrivals = [];
    private readonly List<Lost> _lost = [];
    private TimeSpan _scanInterval = MinScanInterval;
    private long _scannedFrom;
    private long _scannedAt;
    private bool _scanNow;
    private string? _gone;

    /// <param name="settleTime">The time for which the size of a complete file has not changed.</param>
    /// <param name="limits">Returns the largest image that is decoded.</param>
    /// <param name="problem">Called with the reason when the folder is gone, and with null when it is there again.</param>
    /// <param name="warning">Called with the reason why some files may come late or not at all, and with null when that is over.</param>
    /// <exception cref="IOException">The folder cannot be listed.</exception>
    public WatchedFolderSource(string folder, TimeSpan settleTime, Func<ImageLimits> limits, TimeProvider clock, Action<string?> problem, Action<string?> warning)
        : this(folder, settleTime, path => FrameFiles.Read(path, limits(), clock), BlockingCalls.DefaultLimit, clock, problem, warning)
    {
    }

    /// <param name="read">Reads and decodes a file.</param>
    /// <param name="callLimit">The time within which a read, or a look through the folder, must come back.</param>
    /// <inheritdoc cref="WatchedFolderSource(string, TimeSpan, Func{ImageLimits}, TimeProvider, Action{string?}, Action{string?})"/>
    public WatchedFolderSource(
        string folder, TimeSpan settleTime, Func<string, Frame> read, TimeSpan callLimit, TimeProvider clock, Action<string?> problem, Action<string?> warning)
    {
        _folder = Path.TrimEndingDirectorySeparator(folder);
        _settleTime = settleTime;
        _read = read;
        _calls = new BlockingCalls($"folder {folder}", callLimit, _ => ReportProblem());
        _clock = clock;
        _problem = Changes(problem);
        _warning = Changes(warning);
        _known = new KnownFiles(clock);
        _events = new FolderEvents(_folder);
        foreach (var (path, version) in Took(Look(renew: false)).Files)
            _known.Set(path, new KnownFile(version));
    }

    public async ValueTask<Frame?> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            while (_events.Reader.TryRead(out var change))
                await ApplyAsync(change, cancellationToken);
            if (_scanNow || _clock.GetElapsedTime(_scannedAt) >= _scanInterval)
                await ScanAsync(cancellationToken);
            // One that has gone may have been moved to where only looking through the folder finds it.
            if (_lost.Find(l => l.At < _scannedFrom) is { } lost && _lost.Remove(lost))
                throw new NoFrameException(NoFrameCause.Lost, $"{lost.Name} was {lost.Why} before it could be read");
            foreach (var arrival in _arrivals.ToList())
            {
                if (await IsWholeAsync(arrival, cancellationToken) && await TryReadAsync(arrival, cancellationToken) is { } frame)
                    return frame;
            }

            await WaitAsync(cancellationToken);
        }
    }

    public void Dispose()
    {
        _calls.Dispose();
        _events.Dispose();
    }

    private async Task ApplyAsync(FileSystemEventArgs? change, CancellationToken cancellationToken)
    {
        if (change is null || await VersionOfAsync(change.FullPath, cancellationToken) is not { } version)
        {
            _scanNow = true;
            return;
        }

        switch (change)
        {
            case RenamedEventArgs renamed:
                _arrivals.RemoveAll(a => a.Path == renamed.OldFullPath);
                _known.Remove(renamed.OldFullPath);
                // A file that had the new name before is gone.
                if (_arrivals.RemoveAll(a => a.Path == renamed.FullPath && IsComplete(a)) > 0)
                    _lost.Add(new Lost(NameOf(renamed.FullPath), "replaced", default, long.MinValue));
                Remove(renamed.FullPath);
                AddArrival(renamed.FullPath, version, whole: true);
                break;
            case { ChangeType: WatcherChangeTypes.Deleted }:
                Remove(change.FullPath);
                break;
            default:
                if (_arrivals.Find(a => a.Path == change.FullPath) is { } arrival)
                    arrival.ChangedAt = _clock.GetTimestamp();
                else
                    AddArrival(change.FullPath, version, whole: false);
                break;
        }
    }

    private void AddArrival(string path, FileVersion version, bool whole)
    {
        if (!version.Exists || !ImageFolder.IsImageBelow(_folder, path))
            return;
        var known = _known.Find(path);
        if (known?.Version == version)
            return;
        var moved = known is null ? _known.FindMoved(version) : null;
        if (moved is { IsPending: true })
            _lost.RemoveAll(l => l.Version == version);
        // One that was moved and had been there at the start has no picture to compare with.
        var isOld = moved is { IsPending: false, Pixels: null };
        _known.Set(path, new KnownFile(version, (known ?? moved)?.Pixels, IsPending: !isOld));
        if (!isOld)
            _arrivals.Add(new Arrival(path) { ChangedAt = _clock.GetTimestamp(), IsWhole = whole });
    }

    private void Remove(string path)
    {
        // Not for one that was still being written: its program may delete it and begin anew.
        if (_arrivals.Find(a => a.Path == path) is { } arrival && IsComplete(arrival))
            _lost.Add(new Lost(NameOf(path), "deleted", _known.Find(path)?.Version ?? default, _clock.GetTimestamp()));
        _arrivals.RemoveAll(a => a.Path == path);
        _known.Remove(path);
    }

    private string NameOf(string path) => Path.GetRelativePath(_folder, path);

    /// <returns>The version of the file; null for a folder, and where that does not come back.</returns>
    private async Task<FileVersion?> VersionOfAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await _calls.RunAsync<FileVersion?>($"looking at {NameOf(path)}", () => Directory.Exists(path) ? null : FileVersion.Of(path), null, cancellationToken);
        }
        catch (StuckCallException)
        {
            return null; // the folder is looked through instead, once that comes back
        }
    }

    private async Task<bool> IsWholeAsync(Arrival arrival, CancellationToken cancellationToken)
    {
        if (arrival.IsWhole)
            return true;
        var version = await VersionOfAsync(arrival.Path, cancellationToken) ?? default;
        if (version.Length != arrival.Length)
        {
            (arrival.Length, arrival.ChangedAt) = (version.Length, _clock.GetTimestamp());
            _known.Set(arrival.Path, new KnownFile(version, _known.Find(arrival.Path)?.Pixels, IsPending: true));
        }

        return IsComplete(arrival);
    }

    private bool IsComplete(Arrival arrival) => arrival.IsWhole || _clock.GetElapsedTime(arrival.ChangedAt) >= _settleTime;

    /// <returns>The frame; null where the file may still become complete.</returns>
    private async Task<Frame?> TryReadAsync(Arrival arrival, CancellationToken cancellationToken)
    {
        // Noted before the file is read, so that a write meanwhile counts as another frame.
        var before = new KnownFile(await VersionOfAsync(arrival.Path, cancellationToken) ?? default, _known.Find(arrival.Path)?.Pixels, IsPending: true);
        _known.Set(arrival.Path, before);
        try
        {
            var frame = await _calls.RunAsync($"reading {NameOf(arrival.Path)}", () => _read(arrival.Path), f => f.Image.Dispose(), cancellationToken) with { Source = NameOf(arrival.Path) };
            var pixels = Checksum(frame.Image.Bytes);
            Done(before with { Pixels = pixels });
            if (pixels != before.Pixels)
                return frame;
            // The file was moved, or its time alone has changed: copying programs set it after they have written a file.
            frame.Image.Dispose();
            return null;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw; // the file is read when a frame is asked for again
        }
        catch (Exception e) when (e is ImageFormatException or IOException and not StuckCallException && !IsBroken(arrival))
        {
            return null;
        }
        catch
        {
            Done(before);
            throw;
        }

        void Done(KnownFile file)
        {
            _arrivals.Remove(arrival);
            _known.Set(arrival.Path, file with { IsPending = false });
        }
    }

    private bool IsBroken(Arrival arrival) => arrival.IsWhole || _clock.GetElapsedTime(arrival.ChangedAt) >= BrokenAfterSettleTimes * _settleTime;

    /// <summary>Waits until something happens in the folder, a file may have settled, or it is time to look through the folder.</summary>
    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        using var again = new CancellationTokenSource(_arrivals.Count > 0 && _settleTime / 2 < MinScanInterval ? _settleTime / 2 : MinScanInterval, _clock);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, again.Token);
        try
        {
            await _events.Reader.WaitToReadAsync(end.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Nothing has happened.
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

    /// <summary>A file that has gone without having been read.</summary>
    /// <param name="At">The time at which that was noticed, on the clock's tick counter.</param>
    private sealed record Lost(string Name, string Why, FileVersion Version, long At);

    private sealed class Arrival(string path)
    {
        public string Path { get; } = path;

        public bool IsWhole { get; init; }

        public long Length { get; set; }

        public long ChangedAt { get; set; }
    }
}
