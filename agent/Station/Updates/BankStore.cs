using System.Text.Json;
using MrfAd.Platform;
using MrfAd.Station.Options;

namespace MrfAd.Station.Updates;

/// <summary>
/// The station's banks on disk: files by their SHA-256 (never by a name from outside), each with its signed manifest, and one small file that says
/// which is which. That file alone makes a change: it is replaced whole, after everything it speaks of is synced.
/// </summary>
public sealed class BankStore
{
    private readonly string _state;
    private readonly string _configured;
    private readonly Lock _lock = new();

    /// <param name="folder">Made if absent.</param>
    /// <param name="configured">The file that the configuration names; where it is another than last time, it is the one to use.</param>
    /// <exception cref="IOException">What is there cannot be read.</exception>
    public BankStore(string folder, string configured, BankDisk disk)
    {
        UserFiles.CreateFolder(folder);
        (Folder, Disk, _configured, _state) = (folder, disk, configured, Path.Combine(folder, "banks.json"));
        var stamp = Stamp(configured);
        var stored = Read();
        Banks = stored.Configured == stamp ? stored : new StoredBanks { Configured = stamp, Trusted = stored.Trusted };
        Sweep();
    }

    public string Folder { get; }

    public BankDisk Disk { get; }

    public StoredBanks Banks { get; private set; }

    /// <summary>Where a version's file is.</summary>
    public string PathOf(StoredVersion? version) =>
        version is null || (version.Key is null && !File.Exists(Path.Combine(Folder, version.FileName))) ? _configured : Path.Combine(Folder, version.FileName);

    /// <summary>On disk when it returns.</summary>
    /// <exception cref="IOException">It could not be written, and nothing has changed.</exception>
    public void Change(Func<StoredBanks, StoredBanks> change)
    {
        lock (_lock)
        {
            var next = change(Banks);
            Disk.Write(_state, JsonSerializer.SerializeToUtf8Bytes(next, StationJson.Options));
            Banks = next;
        }
    }

    /// <summary>In memory alone, where the disk cannot take it.</summary>
    public void Remember(Func<StoredBanks, StoredBanks> change)
    {
        lock (_lock)
            Banks = change(Banks);
    }

    /// <summary>Bytes that <see cref="Secure"/> will write before another version can judge.</summary>
    public long BytesToSecure => Banks.Current is { Key: null } current && !File.Exists(Path.Combine(Folder, current.FileName)) ? FileLength.Of(_configured) : 0;

    /// <summary>The configured file may be written over; a copy stays, so that one can go back to it.</summary>
    /// <exception cref="IOException">The disk is full, or the file is no longer the one that was opened.</exception>
    public void Secure(StoredVersion version)
    {
        var target = Path.Combine(Folder, version.FileName);
        if (version.Key is not null || File.Exists(target))
            return;
        var part = target + ".part";
        try
        {
            using (var from = UserFiles.OpenRead(_configured))
            using (var to = Disk.OpenToWrite(part))
            {
                to.SetLength(0);
                from.CopyTo(to, 1 << 20);
                Disk.Sync(to);
            }

            if (FileHash.Of(part, CancellationToken.None) != version.Sha256)
                throw new IOException($"{_configured} is no longer {version}");
            Disk.Rename(part, target);
        }
        catch
        {
            UserFiles.Delete(part);
            throw;
        }
    }

    /// <summary>Deletes what nothing speaks of any more.</summary>
    public void Sweep()
    {
        string?[] kept = [Banks.Current?.FileName, Banks.Previous?.FileName, Incoming(), Incoming() + ".part"];
        foreach (var file in UserFiles.Files(Folder, "*.model*").Where(f => !kept.Contains(Path.GetFileName(f))))
            Disk.Delete(file);
    }

    private string? Incoming() => IncomingOffer.Find(this) is { } offer && offer.Sha256 is { } sha256 ? $"{sha256}.model" : null;

    private StoredBanks Read()
    {
        try
        {
            return File.Exists(_state) ? JsonSerializer.Deserialize<StoredBanks>(UserFiles.ReadText(_state), StationJson.Options)! : new StoredBanks();
        }
        catch (JsonException e)
        {
            throw new IOException($"{_state} cannot be read: {e.Message}", e);
        }
    }

    private static string Stamp(string path)
    {
        if (!File.Exists(path))
            return path;
        // Of the file itself, where the path is a link to it.
        var file = new FileInfo(UserFiles.Access(path, () => File.ResolveLinkTarget(path, returnFinalTarget: true))?.FullName ?? path);
        return FormattableString.Invariant($"{file.FullName} {file.Length} {file.LastWriteTimeUtc:O}");
    }
}
