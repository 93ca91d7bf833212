using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using MrfAd.Contracts;
using MrfAd.Integration.Tests.Station;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Attacks;

/// <summary>Attacks and accidents that a station meets at its start, or that need one of their own: its state folder, its disk, its clock, its model.</summary>
public sealed class RestartTests(LearnedStation learned) : StationTestBase(learned)
{
    private const string FakeTime = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";

    private const string Camera = """[{ "name": "top", "source": "folder:parts", "loop": true, "heatmap": { "publish": "never" } }]""";

    private static readonly IReadOnlyList<(string Name, string Expected, Func<RestartTests, Task<string>> Run)> StateAttacks =
    [
        ("all state files empty", "OK, thresholds.json, banks.json", t => t.DamagedAsync(file => File.WriteAllBytes(file, []))),
        ("all state files cut in half", "OK, thresholds.json, banks.json", t => t.DamagedAsync(Cut)),
        ("all state files null", "OK, thresholds.json, banks.json", t => t.DamagedAsync(file => File.WriteAllText(file, "null"))),
        ("all state files of a later version", "OK, thresholds.json, banks.json", t => t.DamagedAsync(file => File.WriteAllText(file, """{"schema":"mrfad.state.v99","version":99}"""))),
        ("all state files zeros, as after a power loss", "OK, thresholds.json, banks.json", t => t.DamagedAsync(file => File.WriteAllBytes(file, new byte[new FileInfo(file).Length]))),
        ("all values of all state files null", "OK, thresholds.json", t => t.DamagedAsync(Nulls)),
        ("all state files random bytes", "OK, thresholds.json, banks.json", t => t.DamagedAsync(file => File.WriteAllBytes(file, RandomBytes(file)))),
        ("a results database of a later version", "OK", t => t.DamagedAsync(LaterVersion, "results.db")),
        ("the results database gone", "OK", t => t.DamagedAsync(File.Delete, "results.db")),
        ("the state folder removed while the station runs", "OK", t => t.WhileItRunsAsync(folder => Directory.Delete(folder, recursive: true))),
        ("the pictures removed while the station runs", "OK", t => t.WhileItRunsAsync(DeletePictures)),
        ("a read-only disk at the start", "OK", t => t.OnSmallDiskAsync(disk => disk.SetReadOnly(true))),
        ("a full disk at the start", "OK", t => t.OnSmallDiskAsync(disk => disk.Fill())),
        ("a second station with the same state folder", "OK, the second one ended", SecondStationAsync),
    ];

    private static readonly IReadOnlyList<(string Name, string Expected, Func<RestartTests, Task<string>> Run)> ClockAttacks =
    [
        ("a start in 1970", "OK in 1970", t => t.ClockAsync("@1970-01-01 00:01:00", null)),
        ("a start in 2100", "OK in 2100", t => t.ClockAsync("@2100-01-01 00:00:00", null)),
        ("the clock goes ten years forth while parts are judged", "OK in order", t => t.ClockAsync("+0", "+3650d")),
        ("the clock goes ten years back while parts are judged", "OK in order", t => t.ClockAsync("+0", "-3650d")),
    ];

    private static readonly IReadOnlyList<(string Name, string Expected, Func<RestartTests, Task<string>> Run)> ModelAttacks =
    [
        ("a bit of the bank's values flipped", "refused", t => t.BrokenBankAsync(bytes => Flipped(bytes, bytes.Length - 5000))),
        ("a bit of the bank's header flipped", "refused", t => t.BrokenBankAsync(bytes => Flipped(bytes, 9))),
        ("a bank that says it is longer", "refused", t => t.BrokenBankAsync(bytes => Flipped(bytes, 6))),
        ("a bank cut short", "refused", t => t.BrokenBankAsync(bytes => bytes[..^1])),
        ("a bank with more behind it", "refused", t => t.BrokenBankAsync(bytes => [.. bytes, 0])),
        ("an empty bank", "refused", t => t.BrokenBankAsync(_ => [])),
        ("an encoder with a bit flipped", "refused", t => t.BrokenEncoderAsync(bytes => Flipped(bytes, bytes.Length / 2))),
        ("an encoder cut short", "refused", t => t.BrokenEncoderAsync(bytes => bytes[..(bytes.Length / 2)])),
    ];

    public static TheoryData<string> OnState => [.. StateAttacks.Select(a => a.Name)];

    public static TheoryData<string> OnTheClock => [.. ClockAttacks.Select(a => a.Name)];

    public static TheoryData<string> OnTheModel => [.. ModelAttacks.Select(a => a.Name)];

    [Theory]
    [MemberData(nameof(OnState))]
    public Task A_station_judges_without_what_its_state_folder_has_lost(string attack) => WithstandsAsync(StateAttacks, attack);

    [Theory]
    [MemberData(nameof(OnTheClock))]
    public Task A_station_judges_in_order_whatever_time_its_clock_has(string attack) => WithstandsAsync(ClockAttacks, attack);

    [Theory]
    [MemberData(nameof(OnTheModel))]
    public Task A_damaged_model_judges_nothing_and_is_named(string attack) => WithstandsAsync(ModelAttacks, attack);

    private async Task WithstandsAsync(IEnumerable<(string Name, string Expected, Func<RestartTests, Task<string>> Run)> attacks, string name)
    {
        LearnedStation.WritePart(Path.Combine(Parts, "0.png"), seed: 1);
        var (_, expected, run) = attacks.Single(a => a.Name == name);

        var outcome = await run(this).WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);

        TestContext.Current.TestOutputHelper?.WriteLine(outcome);
        Assert.Contains(expected, outcome, StringComparison.Ordinal);
    }

    private static byte[] Flipped(byte[] bytes, int at)
    {
        bytes[at] ^= 0x10;
        return bytes;
    }

    private static void Cut(string file) => File.WriteAllBytes(file, File.ReadAllBytes(file)[..(int)(new FileInfo(file).Length / 2)]);

    private static byte[] RandomBytes(string file)
    {
        var bytes = new byte[new FileInfo(file).Length];
        new Random(1).NextBytes(bytes);
        return bytes;
    }

    private static void Nulls(string file)
    {
        if (Path.GetExtension(file) != ".json" || JsonNode.Parse(File.ReadAllText(file)) is not JsonObject content)
            return;
        foreach (var (name, _) in content.ToList())
            content[name] = null;
        File.WriteAllText(file, content.ToJsonString());
    }

    private static void LaterVersion(string file)
    {
        using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA user_version = 999";
        command.ExecuteNonQuery();
    }

    private static void DeletePictures(string folder)
    {
        foreach (var pictures in Directory.GetDirectories(folder))
            Directory.Delete(pictures, recursive: true);
    }

    /// <summary>Runs a station that sets a threshold and judges parts, stops it, damages its state folder, and starts it again.</summary>
    /// <param name="damage">Damages a file.</param>
    /// <param name="name">The file that is damaged; null for all.</param>
    /// <returns>The verdict of the next part, and the files that the station says it has lost.</returns>
    private async Task<string> DamagedAsync(Action<string> damage, string? name = null)
    {
        var config = Learned.Configure(Folder, Broker.Port, Camera, allowUnsigned: true);
        var state = Folder.File("state");
        await using (var agent = AgentProcess.Start(["run", "--config", config]))
        {
            await Listener.StateAsync(StationState.Ready);
            await Listener.TriggerAsync("", "threshold");
            var bank = JsonNode.Parse((await Listener.UntilAsync(Listener.IsReply)).Payload.Span)!["result"]!["of_bank"]!.GetValue<float>();
            await Listener.TriggerAsync(FormattableString.Invariant($$"""{"threshold":{{bank * 0.9f}}}"""), "threshold");
            await JudgedAsync(1);
            await agent.SignalAsync("TERM");
            Assert.Equal(0, await agent.ExitAsync());
        }

        // A list of banks comes with the first update.
        Directory.CreateDirectory(Path.Combine(state, "banks"));
        await File.WriteAllTextAsync(Path.Combine(state, "banks/banks.json"), """{"current":null,"previous":null,"last":null,"trusted":{"parts":1}}""");
        foreach (var file in Directory.GetFiles(state, name ?? "*", SearchOption.AllDirectories))
            damage(file);

        await using var again = AgentProcess.Start(["run", "--config", Learned.Configure(Folder, Broker.Port, Camera)]);
        var verdict = await JudgedOnceConnectedAsync(again);
        var damaged = ((string[])["thresholds.json", "banks.json", "results.db"]).Where(file => again.Log.Contains($"/{file} was damaged", StringComparison.Ordinal));
        return $"{string.Join(", ", damaged.Prepend(verdict))}: {again.Log}";
    }

    private async Task<string> WhileItRunsAsync(Action<string> attack)
    {
        await using var agent = Run(Camera);
        await Listener.StateAsync(StationState.Ready);
        await JudgedAsync(3);
        attack(Folder.File("state"));
        var verdict = await JudgedAsync(5);
        Assert.False(agent.HasEnded, agent.Log);
        return verdict;
    }

    private async Task<string> OnSmallDiskAsync(Action<SmallDisk> attack)
    {
        using var disk = SmallDisk.Mount(out var why, Folder.File("state"), megabytes: 32);
        Assert.SkipWhen(disk is null, why);
        await using (var first = Run(Camera))
        {
            await Listener.StateAsync(StationState.Ready);
            await first.SignalAsync("TERM");
            await first.ExitAsync();
        }

        attack(disk);
        await using var agent = Run(Camera);
        return await JudgedOnceConnectedAsync(agent);
    }

    private static async Task<string> SecondStationAsync(RestartTests t)
    {
        await using var agent = t.Run(Camera);
        await t.Listener.StateAsync(StationState.Ready);
        await using var second = t.Run(Camera);
        var code = await second.ExitAsync();
        return $"{await t.JudgedAsync(3)}, the second one {(code == 0 ? "goes on" : "ended")}: {second.Log}";
    }

    /// <param name="start">The time at the start, in faketime's words.</param>
    /// <param name="jump">The time after three parts; null where the clock goes on.</param>
    private async Task<string> ClockAsync(string start, string? jump)
    {
        Requires.File(FakeTime, "faketime");
        await File.WriteAllTextAsync(Folder.File("time"), start);
        await using var agent = Run(Camera, new Dictionary<string, string>
        {
            ["LD_PRELOAD"] = FakeTime,
            ["FAKETIME_TIMESTAMP_FILE"] = Folder.File("time"),
            ["FAKETIME_NO_CACHE"] = "1",
            ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
        });
        await Listener.StateAsync(StationState.Ready);
        await JudgedAsync(3);
        if (jump is not null)
            await File.WriteAllTextAsync(Folder.File("time"), jump);
        var verdict = await JudgedAsync(5);
        var all = Listener.All.Where(Listener.IsVerdict).Select(Listener.Verdict).ToList();
        Assert.Equal(Enumerable.Range(1, 8), all.Select(v => (int)v.Seq));
        Assert.False(agent.HasEnded, agent.Log);
        return jump is null ? $"{verdict} in {all[^1].Trigger.At.Year}" : $"{verdict} in order, from {all[0].Trigger.At.Year} to {all[^1].Trigger.At.Year}";
    }

    private Task<string> BrokenBankAsync(Func<byte[], byte[]> damage)
    {
        var bank = Folder.File("broken.mrfbank");
        File.WriteAllBytes(bank, damage(File.ReadAllBytes(Learned.Bank)));
        return BrokenAsync(Learned.Configure(Folder, Broker.Port, Camera, bank));
    }

    private async Task<string> BrokenEncoderAsync(Func<byte[], byte[]> damage)
    {
        var config = Learned.Configure(Folder, Broker.Port, Camera);
        // The descriptor stays with the network, whose hash it has.
        foreach (var file in Directory.GetFiles(Path.GetDirectoryName(Learned.Encoder)!, Path.GetFileNameWithoutExtension(Learned.Encoder) + ".*"))
            File.Copy(file, Folder.File(Path.GetFileName(file)));
        var encoder = Folder.File(Path.GetFileName(Learned.Encoder));
        var network = Path.ChangeExtension(encoder, "onnx");
        await File.WriteAllBytesAsync(network, damage(await File.ReadAllBytesAsync(network)));
        var station = JsonNode.Parse(await File.ReadAllTextAsync(config))!;
        station["detector"]!["encoder"] = encoder;
        await File.WriteAllTextAsync(config, station.ToJsonString());
        return await BrokenAsync(config);
    }

    /// <returns>The words of the station in place of a verdict, or what is wrong with its verdict.</returns>
    private async Task<string> BrokenAsync(string config)
    {
        await using var agent = AgentProcess.Start(["run", "--config", config]);
        var ended = agent.ExitAsync();
        var ready = Listener.StateAsync(StationState.Ready);
        if (await Task.WhenAny(ended, ready) == ended)
            return $"{(await ended == 0 ? "ended with 0" : "refused")}: {agent.Log}";
        await ready;
        await Listener.TriggerAsync();
        var verdict = (await Listener.VerdictsAsync(1))[0];
        var hash = Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(Learned.Bank)));
        return verdict.Bank?.Sha256 == hash ? $"judged {verdict.Verdict} by the bank itself" : "the verdict names another bank";
    }

    /// <summary>Waits until a station that may be Degraded has connected, and triggers parts until it is prepared to judge one.</summary>
    private async Task<string> JudgedOnceConnectedAsync(AgentProcess agent)
    {
        try
        {
            await Listener.StatusAsync(Presence.Online);
            var verdict = "";
            await Poll.UntilAsync(async () => (verdict = await JudgedAsync(1)) != Verdict.Invalid.ToText(), "a verdict");
            return verdict;
        }
        catch (TimeoutException)
        {
            return $"no verdict: {agent.Log}";
        }
    }

    /// <summary>Triggers parts.</summary>
    /// <returns>The verdict of the last part.</returns>
    private async Task<string> JudgedAsync(int parts)
    {
        var verdict = "";
        for (var i = 0; i < parts; i++)
        {
            await Listener.TriggerAsync(correlation: $"{Guid.NewGuid()}");
            verdict = (await Listener.VerdictsAsync(1))[0].Verdict.ToText();
        }

        return verdict;
    }
}
