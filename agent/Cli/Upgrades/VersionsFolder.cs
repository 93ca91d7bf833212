using System.Text.Json;
using MrfAd.Platform;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;

namespace MrfAd.Cli.Upgrades;

/// <summary>
/// The folder of the versions that were installed beside the one of the system's package: a folder for each, the link <c>current</c> to the one that the service starts,
/// <c>journal.json</c> while an upgrade is open and <c>last.json</c>. It belongs to root: the user of the service cannot change its own program.
/// </summary>
/// <param name="path">The folder; it need not exist.</param>
/// <param name="packaged">The folder of the version that the system's package, or systemd/service.sh, installed: it is current where there is no link.</param>
public sealed class VersionsFolder(string path, string packaged)
{
    /// <summary>The environment variable that names another folder than <see cref="DefaultPath"/>; systemd/launch.sh reads it too.</summary>
    public const string Variable = "MRFAD_VERSIONS";

    // Not below /var/lib/mrfad, which belongs to the user of the service, nor /usr, which belongs to the package manager.
    private const string DefaultPath = "/var/lib/mrfad-versions";

    private const UnixFileMode FolderMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <summary>The folder of this machine; upgrades are always made by the program of the system's package, which is this one.</summary>
    public static VersionsFolder Default { get; } = new(
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder ? folder : DefaultPath, Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory))!);

    public string Root => path;

    /// <summary>The folder of the version that the system's package installed.</summary>
    public string Packaged => packaged;

    /// <summary>The folder of a package that is being fetched and unpacked.</summary>
    public string Incoming => Path.Combine(path, "incoming");

    /// <summary>The folder of the version that the service starts.</summary>
    public string Current => new FileInfo(Link).LinkTarget is { } target ? Path.GetFullPath(target, path) : packaged;

    private string Link => Path.Combine(path, "current");

    private string JournalFile => Path.Combine(path, "journal.json");

    private string LastFile => Path.Combine(path, "last.json");

    public string FolderOf(PackageManifest manifest) => Path.Combine(path, manifest.FolderName);

    /// <exception cref="IOException">It cannot be made.</exception>
    public void Create()
    {
        UserFiles.CreateFolder(path);
        UserFiles.Access(path, () => File.SetUnixFileMode(path, FolderMode));
    }

    /// <summary>Makes the folder of a package that is being fetched, for root alone.</summary>
    public void CreateIncoming()
    {
        if (Directory.Exists(Incoming))
            UserFiles.DeleteFolder(Incoming);
        UserFiles.Access(Incoming, () => Directory.CreateDirectory(Incoming, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute));
    }

    /// <summary>Lets the service start another version from now on, atomically.</summary>
    public void Switch(string folder)
    {
        if (folder == Current)
            return;
        if (folder == packaged)
            UserFiles.Delete(Link);
        else
            AtomicFile.Link(Link, folder);
    }

    /// <summary>Reserves the folder for one upgrade.</summary>
    /// <returns>Null where another process has it.</returns>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public IDisposable? TryLock(string name = "lock")
    {
        Create();
        try
        {
            return UserFiles.Open(Path.Combine(path, name), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e.HResult == InUse)
        {
            return null;
        }
    }

    /// <summary>Holds the journal while it is read and changed, which takes an instant.</summary>
    public IDisposable LockJournal()
    {
        for (var wait = new SpinWait(); ; wait.SpinOnce())
        {
            if (TryLock("journal.lock") is { } held)
                return held;
        }
    }

    /// <returns>The journal of the upgrade whose outcome is open; null where there is none.</returns>
    public UpgradeJournal? Journal() => Read<UpgradeJournal>(JournalFile);

    public void Write(UpgradeJournal journal) => AtomicFile.Write(JournalFile, JsonSerializer.SerializeToUtf8Bytes(journal, StationJson.Options));

    /// <returns>How the last upgrade ended; null where there was none.</returns>
    public UpgradeOutcome? Last() => Read<UpgradeOutcome>(LastFile);

    /// <summary>Ends the upgrade that is open.</summary>
    public void End(UpgradeOutcome outcome)
    {
        AtomicFile.Write(LastFile, JsonSerializer.SerializeToUtf8Bytes(outcome, StationJson.Options));
        UserFiles.Delete(JournalFile);
    }

    /// <summary>Deletes all versions but these, and what was left of a package that was being unpacked.</summary>
    public void DeleteAllBut(params IEnumerable<string?> folders)
    {
        foreach (var folder in UserFiles.Folders(path).Where(folder => new FileInfo(folder).LinkTarget is null && !folders.Contains(folder)))
            UserFiles.DeleteFolder(folder);
    }

    // EWOULDBLOCK of flock(2).
    private const int InUse = 11;

    /// <summary>Reads a file; one that is damaged is set aside, and nothing is read.</summary>
    private static T? Read<T>(string file)
        where T : class
    {
        if (!File.Exists(file))
            return null;
        try
        {
            return JsonSerializer.Deserialize<T>(UserFiles.ReadText(file), StationJson.Options);
        }
        catch (JsonException e)
        {
            Console.Error.WriteLine(StateFile.SetAside(file, e.Message, "the version that is current stays"));
            return null;
        }
    }
}
