using System.Threading.Channels;
using MrfAd.Platform;

namespace MrfAd.Station.Sources;

/// <summary>
/// The kernel's events of a folder and of those below it. They make a watched folder fast, and cannot be relied on: their number is limited, network file systems
/// give none, and neither do folders behind a link. So the folder is also looked through from time to time.
/// </summary>
internal sealed class FolderEvents : IDisposable
{
    private readonly string _folder;
    private readonly Channel<FileSystemEventArgs?> _events = Channel.CreateUnbounded<FileSystemEventArgs?>(new() { SingleReader = true });
    // Watching a folder may hang on a network share; a thread that was left alone there may come back while another one renews.
    private readonly Lock _renewing = new();
    private FileSystemWatcher? _watcher;
    private DateTime _createdAt;

    /// <exception cref="IOException">There is no such folder, or it may not be read.</exception>
    public FolderEvents(string folder)
    {
        _folder = folder;
        _createdAt = CreationTime();
        Watch();
    }

    /// <summary>The events; null where some were lost.</summary>
    public ChannelReader<FileSystemEventArgs?> Reader => _events.Reader;

    /// <summary>The reason why there are no events; null where there are.</summary>
    public string? Missing { get; private set; }

    /// <summary>Watches the folder anew where another one has taken its place, or the kernel gave no events: it watches a folder, not its name.</summary>
    /// <returns>True where it is watched anew, and everything may have changed.</returns>
    /// <exception cref="IOException">There is no such folder, or it may not be read.</exception>
    public bool Renew()
    {
        lock (_renewing)
            return RenewAlone();
    }

    public void Dispose() => _watcher?.Dispose();

    private bool RenewAlone()
    {
        try
        {
            var createdAt = CreationTime();
            if (createdAt == _createdAt && Missing is null)
                return false;
            Watch();
            _createdAt = createdAt;
            return true;
        }
        catch (IOException)
        {
            _createdAt = default;
            throw;
        }
    }

    private DateTime CreationTime() => Directory.Exists(_folder)
        ? UserFiles.Access(_folder, () => Directory.GetCreationTimeUtc(_folder))
        : throw new DirectoryNotFoundException($"there is no folder '{_folder}'");

    private void Watch()
    {
        var before = _watcher;
        _watcher = null;
        before?.Dispose();
        FileSystemWatcher? watcher = null;
        try
        {
            watcher = new FileSystemWatcher(_folder)
            {
                NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.Size | NotifyFilters.LastWrite,
                IncludeSubdirectories = true,
            };
            watcher.Created += (_, e) => _events.Writer.TryWrite(e);
            watcher.Changed += (_, e) => _events.Writer.TryWrite(e);
            watcher.Renamed += (_, e) => _events.Writer.TryWrite(e);
            watcher.Deleted += (_, e) => _events.Writer.TryWrite(e);
            watcher.Error += (_, _) => _events.Writer.TryWrite(null);
            UserFiles.Access(_folder, () => watcher.EnableRaisingEvents = true);
            (_watcher, Missing) = (watcher, null);
        }
        catch (Exception e) when (e is ArgumentException or IOException)
        {
            // The limits of inotify: fs.inotify.max_user_instances and max_user_watches.
            watcher?.Dispose();
            Missing = e.Message;
        }
    }
}
