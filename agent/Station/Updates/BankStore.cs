using System.Text.Json;
using MrfAd.Platform;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Updates;

/// <summary>
/// The banks of a detector on disk: model files named by their SHA-256 (never by a name from outside), and <c>banks.json</c>, which says which one is
/// in use. A change takes effect when that file is replaced atomically, after all files it refers to are synced.
/// </summary>
public sealed class BankStore
{
    private readonly string _state;
    private readonly string _configured;
    private readonly Lock _lock = new();

    /// <param name="folder">The folder of the banks; created if it does not exist.</param>
    /// <param name="configured">The file that the configuration names. Where it has changed since the last start, it is used instead of the stored bank.</param>
    /// <exception cref="IOException">The folder or a file in it cannot be read.</exception>
    public BankStore(string folder, string configured, BankDisk disk)
    {
        UserFiles.CreateFolder(folder);
        (Folder, Disk, _configured, _state) = (folder, disk, configured, Path.Combine(folder, "banks.json"));
        var stamp = Stamp(configured);
        var stored = StateFile.Read<StoredBanks>(_state, $"{configured} judges, and which versions judged before it is forgotten; their files are kept as *.set-aside", out var damage);
        if (damage is not null)
            SetModelsAside();
        Damage = damage;
        Banks = stored.Configured == stamp ? stored : new StoredBanks { Configured = stamp, Trusted = stored.Trusted };
        DeleteUnused();
    }

    /// <summary>One sentence where <c>banks.json</c> was damaged and set aside; null where it was not.</summary>
    public string? Damage { get; }

    public string Folder { get; }

    public BankDisk Disk { get; }

    public StoredBanks Banks { get; private set; }

    /// <summary>Returns the path of a version's file.</summary>
    public string PathOf(StoredVersion? version) =>
        version is null || (version.Key is null && !File.Exists(Path.Combine(Folder, version.FileName))) ? _configured : Path.Combine(Folder, version.FileName);

    /// <summary>Changes the stored state; it is on disk when this returns.</summary>
    /// <exception cref="IOException">The state could not be written, and nothing has changed.</exception>
    public void Change(Func<StoredBanks, StoredBanks> change)
    {
        lock (_lock)
        {
            var next = change(Banks);
            Disk.Write(_state, JsonSerializer.SerializeToUtf8Bytes(next, StationJson.Options));
            Banks = next;
        }
    }

    /// <summary>Changes the state in memory only, where the disk cannot be written.</summary>
    public void ChangeInMemory(Func<StoredBanks, StoredBanks> change)
    {
        lock (_lock)
            Banks = change(Banks);
    }

    /// <returns>The state in which a first version, the file that the configuration names, judges.</returns>
    public StoredBanks Begun(StoredVersion version) => new()
    {
        Configured = Stamp(_configured),
        Current = version,
        Trusted = new Dictionary<string, int>(Banks.Trusted) { [version.Id] = version.Version },
    };

    /// <summary>Number of bytes that <see cref="BackUpConfigured"/> will write before another version can judge.</summary>
    public long BytesToBackUp => Banks.Current is { Key: null } current && !File.Exists(Path.Combine(Folder, current.FileName)) ? FileLength.Of(_configured) : 0;

    /// <summary>Copies the configured file into the folder, as it may be overwritten later and must stay available for a rollback.</summary>
    /// <exception cref="IOException">The disk is full, or the file is no longer the one that was opened.</exception>
    public void BackUpConfigured(StoredVersion version)
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

    /// <summary>Deletes model files that are no longer referred to.</summary>
    public void DeleteUnused()
    {
        string?[] kept = [Banks.Current?.FileName, Banks.Previous?.FileName, Incoming(), Incoming() + ".part"];
        foreach (var file in UserFiles.Files(Folder, "*.model*").Where(f => !kept.Contains(Path.GetFileName(f))))
            Disk.Delete(file);
    }

    private string? Incoming() => IncomingOffer.Find(this) is { } offer && offer.Sha256 is { } sha256 ? $"{sha256}.model" : null;

    /// <summary>Renames the model files, which nothing refers to any more, so that they are not deleted as unused.</summary>
    private void SetModelsAside()
    {
        foreach (var file in UserFiles.Files(Folder, "*.model"))
            Disk.Rename(file, Path.ChangeExtension(file, ".set-aside"));
    }

    private static string Stamp(string path)
    {
        if (!File.Exists(path))
            return path;
        // Where the path is a link, size and time are those of the file it points to.
        var file = new FileInfo(UserFiles.Access(path, () => File.ResolveLinkTarget(path, returnFinalTarget: true))?.FullName ?? path);
        return FormattableString.Invariant($"{file.FullName} {file.Length} {file.LastWriteTimeUtc:O}");
    }
}
