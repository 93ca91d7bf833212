using System.Collections;
using System.Runtime.InteropServices;
using System.Text.Json;
using MrfAd.Contracts;
using MrfAd.Platform;
using MrfAd.Station.Keys;
using MrfAd.Station.Options;
using MrfAd.Station.Updates;

namespace MrfAd.Cli.Upgrades;

/// <summary>One run of <c>mrfad upgrade</c>: everything that can be known is checked before anything is changed, then the new version is tried.</summary>
/// <param name="config">The station's configuration.</param>
/// <param name="device">The device profile that the service is started with, or null.</param>
/// <param name="say">Called with one line for each step that was done.</param>
internal sealed partial class UpgradeRun(VersionsFolder versions, ServiceUnit unit, string config, string? device, TimeProvider clock, Action<string> say)
{
    // Beside package and program: the station goes on writing meanwhile.
    private const long KeepFreeBytes = 256_000_000;

    private readonly UpgradeSwitch _change = new(versions, clock);

    /// <summary>Installs a package beside the running version, tries it, and accepts it or goes back.</summary>
    /// <param name="place">The file or the address of the package.</param>
    /// <param name="readyWithin">The time within which the new version must be Ready.</param>
    /// <exception cref="UsageException">There is no such package.</exception>
    /// <exception cref="UpdateRefusedException">The package is refused; nothing was changed.</exception>
    public async Task<UpgradeOutcome> InstallAsync(string place, TimeSpan readyWithin, CancellationToken cancellation)
    {
        if (!FetchPlace.IsAddress(place) && !File.Exists(place))
            throw new UsageException($"no such package: {place}");
        using var held = versions.TryLock() ?? throw new UpdateRefusedException($"another upgrade is under way: it has locked {versions.Root}");
        RefuseWhileOpen();
        var environment = unit.Environment();
        var options = StationConfig.Load(config, device, environment);
        var old = await CheckStationAsync(options, cancellation);
        var keys = TrustedKeys(options);
        versions.DeleteAllBut(old.Folder, versions.Last()?.Previous?.Folder);
        try
        {
            versions.CreateIncoming();
            var source = new PackageSource(place, clock);
            var signed = await source.ManifestAsync(versions.Incoming, cancellation);
            var manifest = SignedPackage.Open(signed, keys);
            var oldState = await StateVersionAsync(old, options, cancellation);
            CheckManifest(manifest, old, oldState);
            var package = await source.CopyAsync(manifest, versions.Incoming, cancellation);
            say($"verified: {manifest.Version} for {manifest.Architecture}, signed by {signed.Key}");
            var folder = Install(manifest, package, cancellation);
            say($"installed in {folder}");
            await CheckProgramAsync(folder, manifest, options, environment, cancellation);
            CheckLibraries(folder, old);
            say("checked: configuration, libraries and detectors are usable by it");
            return await TryAsync(new InstalledVersion(folder, manifest.Version), old, oldState, options, readyWithin, cancellation);
        }
        finally
        {
            var open = versions.Journal();
            versions.DeleteAllBut(versions.Current, versions.Last()?.Previous?.Folder, open?.New.Folder, open?.Old.Folder);
        }
    }

    /// <summary>Waits until the process that makes an upgrade has ended, and goes on with the upgrade where its outcome is open.</summary>
    /// <returns>Null where there is nothing to go on with.</returns>
    public static async Task<UpgradeOutcome?> ResumeAsync(VersionsFolder versions, TimeProvider clock, Action<string> say, CancellationToken cancellation)
    {
        while (true)
        {
            using (var held = versions.TryLock())
            {
                if (held is not null)
                    return versions.Journal() is null ? null : await new TrialWatch(versions, new UpgradeSwitch(versions, clock), clock, say).RunAsync(cancellation);
            }

            await Task.Delay(TimeSpan.FromSeconds(1), clock, cancellation);
        }
    }

    /// <summary>Starts the previous version again, or that before an upgrade which is on trial.</summary>
    public async Task<UpgradeOutcome> GoBackAsync(CancellationToken cancellation)
    {
        if (versions.Journal() is { } open)
        {
            _change.GoBack(open, "somebody asked for the old version");
            using var free = versions.TryLock();
            // Where its process, or the watcher, still lives, that sees the change and restarts the service.
            return free is null
                ? new UpgradeOutcome(UpgradeResult.Back, open.Old, null, "somebody asked for the old version", clock.GetUtcNow())
                : await new TrialWatch(versions, _change, clock, say).RunAsync(cancellation);
        }

        using var held = versions.TryLock() ?? throw new UpdateRefusedException($"an upgrade is under way: it has locked {versions.Root}");
        if (versions.Last() is not { Previous: { } previous } last)
            throw new UpdateRefusedException("there is no previous version to go back to");
        var options = StationConfig.Load(config, device, unit.Environment());
        var state = await DescribeAsync(previous, options, cancellation);
        var own = await DescribeAsync(last.Current, options, cancellation);
        if (state.StateVersion < own.StateBackTo)
            throw new UpdateRefusedException($"{previous.Version} reads a state folder of version {state.StateVersion} at most, and {last.Current.Version} takes it back to {own.StateBackTo} at the earliest");
        _change.Begin(Journal(last.Current, previous, state.StateVersion, options, TimeSpan.Zero) with { Phase = UpgradePhase.Back, ByHand = true, Reason = "somebody asked for it" });
        ServiceUnit.StartWatcher();
        return await new TrialWatch(versions, _change, clock, say).RunAsync(cancellation);
    }

    private void RefuseWhileOpen()
    {
        if (versions.Journal() is { } open)
            throw new UpdateRefusedException($"the upgrade to {open.New.Version} is still open ({open.Phase}): 'mrfad upgrade status' shows it, 'mrfad upgrade back' gives it up");
    }

    /// <returns>The version that runs.</returns>
    private async Task<InstalledVersion> CheckStationAsync(StationOptions options, CancellationToken cancellation)
    {
        if (options.Http.Port == 0)
            throw new UpdateRefusedException("http.port is 0: an upgrade watches the station's /healthz, which wants a fixed port");
        var place = $"{StationProbe.Reachable(options.Http)}";
        if (unit.ProcessId() is null || await StationProbe.StateAsync(place, cancellation) is not { } state || state.Station != options.Station)
            throw new UpdateRefusedException($"the station '{options.Station}' does not run as {unit.Name} and answer at {place}: start it first, as an upgrade watches what changes; without it, install the package");
        // A version that is worse could not be told from it.
        if (state.State is not (StationState.Ready or StationState.Running) || state.SelfTest is false)
            throw new UpdateRefusedException($"the station is {state.State}{(state.Reason is { } reason ? $": {reason}" : "")}: an upgrade begins when it is Ready or Running and its reference parts are judged as they should be");
        return new InstalledVersion(versions.Current, state.Version ?? "unknown");
    }

    private TrustedKeys TrustedKeys(StationOptions options)
    {
        if (options.Updates.ProgramKeys.Count == 0)
            throw new UpdateRefusedException("updates.program_keys is empty: no package is trusted here");
        foreach (var file in options.Updates.ProgramKeys.Select(key => key.PublicKeyFile).Prepend(config))
        {
            if (FileOwner.ChangeableByOthers(file) is { } open)
                throw new UpdateRefusedException($"{file} says whose programs run here, and others than root may change {open}: want it, and the folders above it, writable by root alone");
        }

        return new TrustedKeys(options.Updates.ProgramKeys, clock);
    }

    private void CheckManifest(PackageManifest manifest, InstalledVersion old, int oldState)
    {
        var free = new DriveInfo(versions.Root).AvailableFreeSpace;
        var wanted = manifest.Size + manifest.UnpackedBytes + KeepFreeBytes;
        var fault =
            manifest.Architecture != SignedPackage.OwnArchitecture ? $"the package is for {manifest.Architecture}, this machine is {SignedPackage.OwnArchitecture}"
            : versions.FolderOf(manifest) == old.Folder ? $"{manifest.Version} runs already, from this very package"
            : IsOlder(manifest.Version, old.Version) ? $"{manifest.Version} is older than {old.Version}, which runs: 'mrfad upgrade back' goes back to the version before, and the system's package to any"
            : manifest.StateVersion < oldState ? $"{manifest.Version} reads a state folder of version {manifest.StateVersion} at most, and {old.Version} has written version {oldState}"
            : manifest.StateBackTo > oldState ? $"{manifest.Version} cannot take the state folder back to version {oldState}, which {old.Version} wants: there would be no way back; the system's package can be installed by hand"
            : free < wanted ? $"the disk is too full: want {wanted} bytes free at {versions.Root}, of which {KeepFreeBytes} stay free, got {free}"
            : null;
        if (fault is not null)
            throw new UpdateRefusedException(fault);
    }

    private static bool IsOlder(string version, string than) =>
        Version.TryParse(version.Split('-')[0], out var offered) && Version.TryParse(than.Split('-', '+')[0], out var present) && offered < present;

    /// <returns>The folder of the installed version.</returns>
    private string Install(PackageManifest manifest, string package, CancellationToken cancellation)
    {
        var (unpacked, folder) = (Path.Combine(versions.Incoming, "unpacked"), versions.FolderOf(manifest));
        PackageArchive.Unpack(package, unpacked, manifest.UnpackedBytes, cancellation);
        UserFiles.Delete(package);
        if (Directory.Exists(folder))
            UserFiles.DeleteFolder(folder);
        sync();
        UserFiles.Access(folder, () => Directory.Move(unpacked, folder));
        sync();
        return folder;
    }

    /// <summary>Lets the new program check itself, as the user of the service and beside the running one.</summary>
    private async Task CheckProgramAsync(string folder, PackageManifest manifest, StationOptions options, Hashtable environment, CancellationToken cancellation)
    {
        var described = await DescribeAsync(new InstalledVersion(folder, manifest.Version), options, cancellation);
        if (described != new ProgramDescription(manifest.Version, manifest.StateVersion, manifest.StateBackTo))
            throw new UpdateRefusedException($"the program says of itself {described}, which the manifest does not");
        string[] arguments = ["check", "--config", Path.GetFullPath(config), "--offline", "--json", .. device is null ? Array.Empty<string>() : ["--device", Path.GetFullPath(device)]];
        var (code, output, errors) = await User(options).RunAsync(InstalledVersion.ProgramIn(folder), arguments, environment, cancellation);
        if (code != 0)
            throw new UpdateRefusedException($"{manifest.Version} cannot run this station: {Failures(output, errors)}");
    }

    /// <summary>Compares the libraries that come in packages of their own, or were built on the device: without them the new version would run, but on the processor, or see nothing.</summary>
    private static void CheckLibraries(string folder, InstalledVersion old)
    {
        foreach (var library in UserFiles.Files(Path.Combine(old.Folder, "agent"), "lib*.so").Select(Path.GetFileName).Where(file => file!.StartsWith("libonnxruntime_providers_", StringComparison.Ordinal) || file.StartsWith("libOpenCv", StringComparison.Ordinal)))
        {
            if (!File.Exists(Path.Combine(folder, "agent", library!)))
                throw new UpdateRefusedException($"{old.Version} has {library}, which the package lacks: install the system's packages instead");
        }
    }

    private static string Failures(string output, string errors)
    {
        try
        {
            using var json = JsonDocument.Parse(output);
            return string.Join("; ", json.RootElement.GetProperty("checks").EnumerateArray()
                .Where(check => !check.GetProperty("ok").GetBoolean()).Select(check => $"{check.GetProperty("name").GetString()}: {check.GetProperty("detail").GetString()}"));
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return errors.Length > 0 ? errors : "its check ended without a word";
        }
    }

    private async Task<UpgradeOutcome> TryAsync(InstalledVersion next, InstalledVersion old, int oldState, StationOptions options, TimeSpan readyWithin, CancellationToken cancellation)
    {
        _change.Begin(Journal(next, old, oldState, options, readyWithin));
        if (options.Mqtt.SessionExpiry == TimeSpan.Zero)
            say("note: mqtt.session_expiry is 0s, so triggers by MQTT that come during the restart are lost");
        say($"switched: {next.Version} is on trial for {readyWithin.TotalSeconds:0} s");
        ServiceUnit.StartWatcher();
        return await new TrialWatch(versions, _change, clock, say).RunAsync(cancellation);
    }

    private UpgradeJournal Journal(InstalledVersion next, InstalledVersion old, int oldState, StationOptions options, TimeSpan readyWithin) => new()
    {
        Phase = UpgradePhase.Trial,
        New = next,
        Old = old,
        OldStateVersion = oldState,
        StateFolder = options.StateFolder,
        Unit = unit.Name,
        Health = $"{StationProbe.Reachable(options.Http)}",
        Deadline = clock.GetUtcNow() + readyWithin,
    };

    private async Task<int> StateVersionAsync(InstalledVersion version, StationOptions options, CancellationToken cancellation) => (await DescribeAsync(version, options, cancellation)).StateVersion;

    private async Task<ProgramDescription> DescribeAsync(InstalledVersion version, StationOptions options, CancellationToken cancellation)
    {
        // The package of a system without .NET of its own is started otherwise, and it is this program.
        if (version.Folder == versions.Packaged)
            return ProgramDescription.Own;
        var (code, output, errors) = await User(options).RunAsync(version.Program, ["upgrade", "describe"], [], cancellation);
        return code == 0 && ProgramDescription.Parse(output) is { } described
            ? described : throw new UpdateRefusedException($"{version.Program} does not run on this machine: {(errors.Length > 0 ? errors : output.Trim())}");
    }

    private ServiceUser User(StationOptions options) => new(options.StateFolder, unit.Groups());

    [LibraryImport("libc")]
    private static partial void sync();
}
