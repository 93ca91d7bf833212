using System.Text.Json;
using MrfAd.Platform;

namespace MrfAd.Cli.Models;

/// <summary>A download that is not whole: <c>NAME.part</c>, and beside it what the server said of the version it is of.</summary>
internal sealed class PartialDownload : IDisposable
{
    private readonly string _notes;

    /// <exception cref="FetchException">Another process is at it.</exception>
    public PartialDownload(string path, Uri url)
    {
        Path = path + ".part";
        _notes = path + ".part.json";
        try
        {
            File = UserFiles.Open(Path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1 << 20);
        }
        catch (IOException e) when (e.InnerException is null && System.IO.File.Exists(Path))
        {
            throw new FetchException($"{Path} is in use: is another fetch running?", e);
        }

        var version = ReadNotes();
        if (version is null || version.Url != url)
            Restart();
        else
            (Version, File.Position) = (version, File.Length);
    }

    public string Path { get; }

    /// <summary>At its end.</summary>
    public FileStream File { get; }

    /// <summary>Null: nothing is there yet, or no one knows of what.</summary>
    public DownloadVersion? Version { get; private set; }

    /// <summary>What comes next is of this version, from its beginning.</summary>
    public void Begin(DownloadVersion version)
    {
        Restart();
        Version = version;
        UserFiles.WriteBytes(_notes, JsonSerializer.SerializeToUtf8Bytes(version));
    }

    /// <summary>Forgets all of it.</summary>
    public void Restart()
    {
        File.SetLength(0);
        Version = null;
        UserFiles.Delete(_notes);
    }

    /// <summary>Leaves nothing behind.</summary>
    public void Discard()
    {
        Dispose();
        UserFiles.Delete(Path);
        UserFiles.Delete(_notes);
    }

    public void Dispose() => File.Dispose();

    private DownloadVersion? ReadNotes()
    {
        try
        {
            return System.IO.File.Exists(_notes) ? JsonSerializer.Deserialize<DownloadVersion>(UserFiles.ReadBytes(_notes)) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
