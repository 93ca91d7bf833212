using MrfAd.Engine.Images;
using MrfAd.Station.Capture;

namespace MrfAd.Station.Sources;

/// <content>Looks through the folder for what the system does not tell, and reports what keeps frames back.</content>
public sealed partial class WatchedFolderSource
{
    private void ReportProblem() => _problem(_gone is null ? _calls.Stuck : _calls.Stuck is { } stuck ? $"{_gone}; {stuck}" : _gone);

    /// <summary>Lists all images with their versions. It changes nothing here, since it runs on a thread that may not come back.</summary>
    /// <param name="renew">True where a folder that has taken the place of the watched one is to be watched instead.</param>
    /// <exception cref="IOException">There is no such folder, or it may not be read.</exception>
    private FolderLook Look(bool renew)
    {
        if (renew)
            _events.Renew();
        List<string> unreadable = [];
        string? reason = null;
        var start = _clock.GetTimestamp();
        var files = Directory.Exists(_folder)
            ? ImageFolder.FilesBelow(_folder, (folder, e) =>
            {
                unreadable.Add(folder);
                reason ??= e.Message;
            })
            : throw new DirectoryNotFoundException($"there is no folder '{_folder}'");
        // The system gives bytes that are no UTF-8 as U+FFFD, a name by which the file is not found.
        if (reason is null && files.FirstOrDefault(f => f.Contains('\uFFFD', StringComparison.Ordinal) && !File.Exists(f)) is { } unnamed)
            reason = $"the name of '{NameOf(unnamed)}' is not UTF-8";
        return new FolderLook([.. files.Select(path => (path, FileVersion.Of(path)))], unreadable, reason, start, _clock.GetTimestamp());
    }

    /// <summary>Notes when the folder was looked through, and warns of what may come late or not at all.</summary>
    private FolderLook Took(FolderLook look)
    {
        (_scannedFrom, _scannedAt) = (look.From, look.To);
        _scanInterval = TimeSpan.FromTicks(Math.Max(MinScanInterval.Ticks, ScanPauseFactor * _clock.GetElapsedTime(look.From, look.To).Ticks));
        _warning(look.Reason is { } reason ? $"files in it are no frames: {reason}"
            : _events.Missing is { } missing ? $"'{_folder}' is looked through every {_scanInterval.TotalSeconds:0} s, since the system tells no changes: {missing}"
            : null);
        return look;
    }

    /// <summary>Looks through the folder for what the events did not tell.</summary>
    private async Task ScanAsync(CancellationToken cancellationToken)
    {
        try
        {
            var look = Took(await _calls.RunAsync($"looking through '{_folder}'", () => Look(renew: true), null, cancellationToken));
            _gone = null;
            ReportProblem();
            _scanNow = false;
            var listed = look.Files.Select(f => f.Path).ToHashSet(StringComparer.Ordinal);
            foreach (var path in _known.Paths.Where(p => !listed.Contains(p) && !look.Unreadable.Any(folder => IsBelow(folder, p))).ToList())
                Remove(path);
            foreach (var (path, version) in look.Files.OrderBy(f => f.Version.WrittenUtc).ThenBy(f => f.Path, StringComparer.Ordinal))
            {
                if (!_arrivals.Exists(a => a.Path == path))
                    AddArrival(path, version, whole: false);
            }
        }
        catch (IOException e)
        {
            (_scannedAt, _scanNow) = (_clock.GetTimestamp(), false);
            _gone = e is DirectoryNotFoundException ? e.Message : e is StuckCallException ? null : $"'{_folder}' cannot be watched: {e.Message}";
            ReportProblem();
        }
    }

    /// <summary>Passes on only a text that differs from the one before.</summary>
    private static Action<string?> Changes(Action<string?> report)
    {
        string? last = null;
        var order = new Lock();
        return text =>
        {
            // A call that comes back late reports on a thread of its own.
            lock (order)
            {
                if (text != last)
                    report(last = text);
            }
        };
    }

    private static bool IsBelow(string folder, string path) => path.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    /// <summary>The images that were found in the folder.</summary>
    /// <param name="Unreadable">The folders below it that cannot be listed.</param>
    /// <param name="Reason">The reason why the first of them cannot; null where all can.</param>
    /// <param name="From">The time at which the look began, on the clock's tick counter.</param>
    /// <param name="To">The time at which it ended.</param>
    private sealed record FolderLook(IReadOnlyList<(string Path, FileVersion Version)> Files, IReadOnlyList<string> Unreadable, string? Reason, long From, long To);
}
