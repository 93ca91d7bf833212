using System.Text.Json.Nodes;
using MrfAd.Cli.Upgrades;
using MrfAd.Contracts;
using MrfAd.Integration.Tests.Station;
using MrfAd.Station.Keys;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Upgrades;

/// <summary>Upgrades of a real station by real packages; tests/upgrade.sh does the same with installed ones and 1,000 triggers.</summary>
public sealed class UpgradeTests(LearnedStation learned, ProgramPackages packages) : StationTestBase(learned), IClassFixture<ProgramPackages>
{
    // Versions of as many characters as the program's own.
    private static readonly string NextVersion = ProgramPackages.OwnVersion[..^1] + (char)(ProgramPackages.OwnVersion[^1] + 1);

    private const int Frames = 2000;

    private readonly List<string> _triggers = [];

    [Fact]
    public async Task An_upgrade_over_HTTP_and_the_way_back_lose_no_trigger_and_ask_none_twice()
    {
        await using var service = await StartAsync();
        await using var server = await FolderServer.StartAsync(Path.GetDirectoryName(packages.Whole(NextVersion))!);
        var package = $"{server.Address}/mrfad-{NextVersion}-{SignedPackage.OwnArchitecture}.tar.gz";
        using var end = new CancellationTokenSource();
        var triggering = TriggerAsync(end.Token);

        var (code, output) = await service.UpgradeAsync(package);

        Assert.True(code == 0, output + service.Log);
        Assert.Equal(NextVersion, (await service.ReadyAsync()).Version);
        Assert.True((await service.ReadyAsync()).SelfTest);
        Assert.StartsWith(service.Versions.Root, service.Versions.Current, StringComparison.Ordinal);

        (code, output) = await service.UpgradeAsync("back");

        Assert.True(code == 0, output + service.Log);
        Assert.Equal(ProgramPackages.OwnVersion, (await service.ReadyAsync()).Version);
        Assert.Equal(packages.Installed, service.Versions.Current);
        await end.CancelAsync();
        await triggering;
        await AssertOneVerdictEachAsync();
    }

    [Theory]
    [InlineData(4, false)] // switched; tests/upgrade.sh kills at 20 points
    [InlineData(7, true)] // the new version starts
    public async Task After_a_kill_at_any_step_a_station_runs_and_no_trigger_is_lost(int steps, bool withAll)
    {
        await using var service = await StartAsync();
        var package = packages.Whole(NextVersion);
        await TriggerAsync(3);

        await service.KillUpgradeAsync(package, steps, withAll);
        if (withAll)
            service.Start();
        await TriggerAsync(3);

        var state = await service.ReadyAsync();
        Assert.Equal(service.Versions.Current == packages.Installed ? ProgramPackages.OwnVersion : NextVersion, state.Version);
        await TriggerAsync(3);
        await AssertOneVerdictEachAsync();
        // What was left of it is in nobody's way.
        if (state.Version == ProgramPackages.OwnVersion)
            Assert.Equal(0, (await service.UpgradeAsync(package)).ExitCode);
    }

    [Fact]
    public async Task A_version_that_ends_when_it_starts_gives_way_by_itself()
    {
        await using var service = await StartAsync();
        var package = packages.Whole(NextVersion, folder => File.Delete(Path.Combine(folder, "agent/Prometheus.AspNetCore.dll")));

        var (code, output) = await service.UpgradeAsync(package);

        Assert.Equal(1, code);
        Assert.Contains($"back to {ProgramPackages.OwnVersion}: {NextVersion} ended 3 times before it was Ready", output, StringComparison.Ordinal);
        await AssertUnchangedAsync(service);
    }

    [Fact]
    public async Task A_version_that_does_not_become_Ready_in_time_gives_way_by_itself()
    {
        await using var service = await StartAsync();
        // It runs, is never connected, and goes on trying.
        var package = packages.Whole(NextVersion, folder => File.Delete(Path.Combine(folder, "agent/MQTTnet.dll")));

        var (code, output) = await service.UpgradeAsync(package, "--ready-within", "15");

        Assert.Equal(1, code);
        Assert.Contains($"back to {ProgramPackages.OwnVersion}: {NextVersion} was not Ready within the time: ", output, StringComparison.Ordinal);
        await AssertUnchangedAsync(service);
    }

    [Fact]
    public async Task What_may_not_run_here_is_refused_by_a_sentence_and_nothing_changes()
    {
        await using var service = await StartAsync();
        using var stranger = SigningKey.Create(Folder.File("stranger"), "stranger", null);
        using var sameName = SigningKey.Create(Folder.File("same"), "release", null);
        var own = ProgramDescription.Own;
        var changed = packages.Empty(NextVersion);
        FlipLastByte(changed);
        var unsigned = packages.Empty(NextVersion);
        File.Delete(unsigned + SignedPackage.Extension);
        (string Package, string Sentence)[] refused =
        [
            (packages.Empty(NextVersion, key: stranger), "the key 'stranger' is not trusted here"),
            (packages.Empty(NextVersion, key: sameName), "the signature does not fit"),
            (changed, "it was changed"),
            (unsigned, "the package is not signed ('mrfad upgrade sign')"),
            (packages.Empty(NextVersion, architecture: "linux-arm64"), "the package is for linux-arm64, this machine is linux-x64"),
            (packages.Empty("0.0.1"), $"0.0.1 is older than {own.Version}, which runs"),
            (packages.Empty(NextVersion, own with { Version = NextVersion, StateVersion = own.StateVersion - 1 }), $"reads a state folder of version {own.StateVersion - 1} at most, and {own.Version} has written version {own.StateVersion}"),
            (packages.Empty(NextVersion, new ProgramDescription(NextVersion, own.StateVersion + 1, own.StateVersion + 1)), $"cannot take the state folder back to version {own.StateVersion}"),
            (packages.Empty(NextVersion), "agent/mrfad cannot be started: "),
            (packages.Whole(NextVersion, folder => File.Delete(Path.Combine(folder, "agent/OpenCvSharp.dll"))), $"{NextVersion} cannot run this station"),
            (Folder.File("nowhere.tar.gz"), "no such package"),
        ];

        foreach (var (package, sentence) in refused)
        {
            var (code, output) = await service.UpgradeAsync(package);
            Assert.True(code is 1 or 2, output);
            Assert.Contains(sentence, output, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        }

        await AssertUnchangedAsync(service);
        Assert.Empty(Directory.GetDirectories(service.Versions.Root));
    }

    [Fact]
    public async Task A_full_disk_and_a_key_that_others_may_replace_are_refused_by_a_sentence()
    {
        using var disk = SmallDisk.Mount(out var why, Folder.File("versions"));
        Assert.SkipWhen(disk is null, why);
        await using var service = await StartAsync();
        var package = packages.Empty(NextVersion);

        Assert.Contains("the disk is too full: want ", (await service.UpgradeAsync(package)).Output, StringComparison.Ordinal);

        File.SetUnixFileMode(Folder.File("release.pub"), (UnixFileMode)0b110_110_110);
        Assert.Contains($"others than root may change {Folder.File("release.pub")}", (await service.UpgradeAsync(package)).Output, StringComparison.Ordinal);
    }

    private async Task<UpgradedService> StartAsync()
    {
        Requires.Program("/usr/bin/flock", package: "util-linux");
        LearnedStation.WritePart(Path.Combine(Parts, "0.png"), seed: 1);
        // A folder gives each file once.
        for (var i = 1; i < Frames; i++)
            File.CreateSymbolicLink(Path.Combine(Parts, $"{i}.png"), Path.Combine(Parts, "0.png"));
        var (config, port) = (Learned.Configure(Folder, Broker.Port, """[{ "name": "top", "source": "folder:parts", "trigger": "mqtt" }]"""), FreePort.Next());
        Directory.CreateDirectory(Folder.File("golden/good"));
        LearnedStation.WritePart(Folder.File("golden/good/0.png"), seed: 1);
        File.Copy(Path.Combine(packages.Keys, "release.pub"), Folder.File("release.pub"));
        File.SetUnixFileMode(Folder.File("release.pub"), (UnixFileMode)0b110_100_100);
        var station = JsonNode.Parse(await File.ReadAllTextAsync(config))!;
        station["http"]!["port"] = port;
        station["mqtt"]!["session_expiry"] = "1h"; // the broker keeps what comes while the station restarts
        station["updates"] = JsonNode.Parse("""{ "program_keys": [{ "id": "release", "public_key_file": "release.pub" }], "golden_folder": "golden" }""");
        await File.WriteAllTextAsync(config, station.ToJsonString());
        File.SetUnixFileMode(config, (UnixFileMode)0b110_100_100);
        var service = new UpgradedService(Folder, packages, config, port);
        await Poll.UntilAsync(async () => (await service.ReadyAsync()).SelfTest == true, "the self-test");
        return service;
    }

    private async Task TriggerAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            _triggers.Add($"part-{_triggers.Count}");
            await Listener.TriggerAsync($$"""{ "id": "{{_triggers[^1]}}" }""");
        }
    }

    /// <summary>Triggers a part every 100 ms until it is told to end.</summary>
    private async Task TriggerAsync(CancellationToken end)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!end.IsCancellationRequested)
        {
            await TriggerAsync(1);
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    /// <summary>Waits until each trigger has a verdict; none may have two.</summary>
    private async Task AssertOneVerdictEachAsync()
    {
        HashSet<string> missing = [.. _triggers];
        missing.ExceptWith(Listener.All.Where(Listener.IsVerdict).Select(m => Listener.Verdict(m).Trigger.Id));
        while (missing.Count > 0)
            missing.Remove(Listener.Verdict(await Listener.UntilAsync(Listener.IsVerdict)).Trigger.Id);
        var ids = Listener.All.Where(Listener.IsVerdict).Select(Listener.Verdict).Select(verdict => (verdict.Trigger.Id, verdict.Id)).Distinct().ToList();
        Assert.Equal(_triggers.Order(), ids.Select(pair => pair.Item1).Order());
        var causes = Listener.All.Where(Listener.IsVerdict).Select(Listener.Verdict).CountBy(verdict => verdict.Verdict == Verdict.Invalid ? verdict.Reason ?? "INVALID" : verdict.Verdict.ToText());
        TestContext.Current.TestOutputHelper?.WriteLine($"{_triggers.Count} triggers: {string.Join(", ", causes.OrderByDescending(c => c.Value).Select(c => $"{c.Value} {c.Key}"))}");
    }

    private async Task AssertUnchangedAsync(UpgradedService service)
    {
        Assert.Equal(ProgramPackages.OwnVersion, (await service.ReadyAsync()).Version);
        Assert.Equal(packages.Installed, service.Versions.Current);
        await TriggerAsync(1);
        await AssertOneVerdictEachAsync();
    }

    private static void FlipLastByte(string file)
    {
        var bytes = File.ReadAllBytes(file);
        bytes[^1] ^= 1;
        File.WriteAllBytes(file, bytes);
    }
}
