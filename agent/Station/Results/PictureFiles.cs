using System.Globalization;
using MrfAd.Platform;

namespace MrfAd.Station.Results;

/// <summary>The pictures of verdicts as files, <c>pictures/DAY/ID-KIND.png</c> in the state folder, within a budget: the oldest are deleted for new ones. Thread-safe.</summary>
public sealed class PictureFiles
{
    private readonly Lock _lock = new();
    private readonly string _folder;
    private readonly long _budget;
    private readonly SortedDictionary<string, long> _files = new(StringComparer.Ordinal);

    /// <param name="budget">The maximum size of all pictures in bytes.</param>
    public PictureFiles(string stateFolder, long budget)
    {
        (_folder, _budget) = (Path.Combine(stateFolder, "pictures"), budget);
        if (!Directory.Exists(_folder))
            return;
        foreach (var file in new DirectoryInfo(_folder).EnumerateFiles("*-*.*", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true }))
            _files[Path.GetRelativePath(_folder, file.FullName)] = file.Length;
        Bytes = _files.Values.Sum();
    }

    /// <summary>Raised when a picture was deleted to make room, with its file and the reason, "bytes" or "disk_full".</summary>
    public event Action<string, string>? Deleted;

    /// <summary>The size of all pictures in bytes.</summary>
    public long Bytes { get; private set; }

    /// <summary>Writes a picture; returns once it survives a power loss.</summary>
    /// <param name="kind">The kind of the picture, "frame" or "heatmap".</param>
    /// <returns>The path of its file below the folder of the pictures.</returns>
    /// <exception cref="IOException">It cannot be written.</exception>
    public string Write(Guid verdict, string kind, string contentType, DateTimeOffset at, ReadOnlySpan<byte> bytes)
    {
        while (Bytes + bytes.Length > _budget && DeleteOldest("bytes"))
        {
            // Until there is room.
        }

        try
        {
            return Store(verdict, kind, contentType, at, bytes);
        }
        catch (IOException e)
        {
            throw new IOException(DiskFaults.Explain(e, Path.GetDirectoryName(_folder)!), e);
        }
    }

    private string Store(Guid verdict, string kind, string contentType, DateTimeOffset at, ReadOnlySpan<byte> bytes)
    {
        var day = at.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var file = Path.Combine(day, $"{verdict}-{kind}{(contentType == "image/png" ? ".png" : ".jpg")}");
        UserFiles.CreateFolder(Path.Combine(_folder, day));
        using (var stream = UserFiles.Open(Path.Combine(_folder, file), FileMode.Create, FileAccess.Write, bufferSize: 0))
        {
            stream.Write(bytes);
            stream.Flush(flushToDisk: true);
        }

        lock (_lock)
        {
            Bytes += bytes.Length - _files.GetValueOrDefault(file);
            _files[file] = bytes.Length;
        }

        return file;
    }

    /// <returns>The picture; null where it was deleted, or cannot be read.</returns>
    public byte[]? Read(string file)
    {
        try
        {
            return UserFiles.ReadBytes(Path.Combine(_folder, file));
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Deletes the oldest picture.</summary>
    /// <returns>False where there is none, or it cannot be deleted.</returns>
    public bool DeleteOldest(string reason)
    {
        string file;
        lock (_lock)
        {
            if (_files.Count == 0)
                return false;
            file = _files.First().Key;
        }

        if (!Delete(file))
            return false;
        Deleted?.Invoke(file, reason);
        return true;
    }

    /// <returns>False where it cannot be deleted.</returns>
    public bool Delete(string file)
    {
        try
        {
            var path = Path.Combine(_folder, file);
            if (File.Exists(path))
                UserFiles.Delete(path);
            lock (_lock)
            {
                if (_files.Remove(file, out var bytes))
                    Bytes -= bytes;
            }

            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
