using System.Text.Json;
using MrfAd.Platform;

namespace MrfAd.Cli.Models;

/// <summary>An incomplete download: <c>NAME.part</c>, and beside it the version that the server announced.</summary>
internal sealed class PartialDownload : IDisposable
{
    private readonly string _notes;

    /// <exception cref="FetchException">Another process uses the file.</exception>
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

    /// <summary>The file, opened and positioned at its end.</summary>
    public FileStream File { get; }

    /// <summary>The version of the bytes in the file; null if the file is empty.</summary>
    public DownloadVersion? Version { get; private set; }

    /// <summary>Empties the file and notes the version that the next bytes belong to.</summary>
    public void Begin(DownloadVersion version)
    {
        Restart();
        Version = version;
        UserFiles.WriteBytes(_notes, JsonSerializer.SerializeToUtf8Bytes(version));
    }

    /// <summary>Empties the file and forgets the version.</summary>
    public void Restart()
    {
        File.SetLength(0);
        Version = null;
        UserFiles.Delete(_notes);
    }

    /// <summary>Deletes the file and the notes.</summary>
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
