using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using MrfAd.Platform;

namespace MrfAd.Cli.Models;

/// <summary>Downloads a model of the catalogue into a folder. The file appears there only if it is complete and has the expected hash.</summary>
/// <param name="from">A folder or URL with copies of the downloads under their own names; null for the publishers.</param>
public sealed class ModelFetch(Downloader downloader, string? from)
{
    // Maximum size of a download if the catalogue has none; the largest model is far below.
    private const long MaxBytes = 16L << 30;

    /// <summary>Returns the URL or path that an entry is read from.</summary>
    public string SourceOf(CatalogueEntry entry) => from switch
    {
        null => entry.Url.ToString(),
        _ when IsAddress(from) => Mirror(entry).ToString(),
        _ => Path.Combine(from, entry.Download),
    };

    /// <returns>The path of the model, and its SHA-256 in lower-case hex.</returns>
    /// <exception cref="FetchException">The download failed, is not the file in the catalogue, or is one that its publisher gives only after a form; nothing is left of it.</exception>
    public async Task<(string Path, string Sha256)> FetchAsync(CatalogueEntry entry, string folder, Action<long, long?> progress, CancellationToken cancellation)
    {
        UserFiles.CreateFolder(folder);
        var target = Path.Combine(folder, entry.File);
        if (File.Exists(target) && entry.Sha256 is not null && Hash(target) is var there && there.StartsWith(entry.Sha256, StringComparison.Ordinal))
            return (target, there);
        if (from is null && entry.Form is not null)
        {
            throw new FetchException(
                $"{entry.Name}: cannot be fetched: its publisher gives {entry.Download} to those who accept the {entry.License} on {entry.Form}; take it from there, then 'mrfad model fetch {entry.Name} --from FOLDER' checks it");
        }

        var (download, ours) = from is null || IsAddress(from)
            ? (await downloader.FetchAsync(from is null ? entry.Url : Mirror(entry), Path.Combine(folder, entry.Download), entry.Bytes, MaxBytes, progress, cancellation), true)
            : (Local(entry), false);
        var temporary = Path.Combine(folder, $".{entry.File}.{Environment.ProcessId}.tmp");
        try
        {
            using (var file = UserFiles.Open(temporary, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20))
            {
                using var source = UserFiles.OpenRead(download);
                if (entry.Member is { } member)
                    Extract(source, member, file, entry);
                else
                    source.CopyTo(file);
                file.Flush(flushToDisk: true);
            }

            var hash = Hash(temporary);
            if (entry.Sha256 is { } wanted && !hash.StartsWith(wanted, StringComparison.Ordinal))
                throw new FetchException($"{entry.Name}: what came from {SourceOf(entry)} has sha256 {hash}, want {wanted}{(wanted.Length < 64 ? "…" : "")}: thrown away");
            AtomicFile.Rename(temporary, target);
            return (target, hash);
        }
        finally
        {
            UserFiles.Delete(temporary);
            if (ours)
            {
                UserFiles.Delete(download);
                UserFiles.Delete(download + ".json");
            }
        }
    }

    private string Local(CatalogueEntry entry)
    {
        var path = SourceOf(entry);
        if (!File.Exists(path))
            throw new FetchException($"{entry.Name}: there is no {path}");
        var bytes = FileLength.Of(path);
        return entry.Bytes is not { } wanted || wanted == bytes ? path : throw new FetchException($"{path}: has {bytes} bytes, want {wanted}");
    }

    private Uri Mirror(CatalogueEntry entry) => new(new Uri(from!.TrimEnd('/') + "/"), entry.Download);

    private static bool IsAddress(string from) => from.StartsWith("http://", StringComparison.Ordinal) || from.StartsWith("https://", StringComparison.Ordinal);

    private static void Extract(Stream archive, string member, Stream target, CatalogueEntry entry)
    {
        try
        {
            using var unzipped = new GZipStream(archive, CompressionMode.Decompress);
            using var tar = new TarReader(unzipped);
            while (tar.GetNextEntry() is { } file)
            {
                if (file.Name != member || file.DataStream is null)
                    continue;
                file.DataStream.CopyTo(target);
                return;
            }
        }
        catch (InvalidDataException e)
        {
            throw new FetchException($"{entry.Name}: {entry.Download} is no .tgz, or a damaged one: {e.Message}", e);
        }

        throw new FetchException($"{entry.Name}: {entry.Download} has no {member}");
    }

    private static string Hash(string path)
    {
        using var file = UserFiles.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }
}
