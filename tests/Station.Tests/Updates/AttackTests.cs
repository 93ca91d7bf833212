using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using MrfAd.Contracts;
using MrfAd.Station.Options;
using MrfAd.Station.Updates;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Updates;

/// <summary>Attacks and accidents. Each must leave the old bank in place and report a reason that names the cause.</summary>
public sealed class AttackTests
{
    // The name of the case, a text that the reason must contain, and the attack, which returns the reason.
    private static readonly (string Name, string Reason, Func<UpdateLab, Task<string>> Attack)[] Attacks =
    [
        // Offers
        ("garbage as an offer", "no signed manifest", lab => lab.OfferAsync("what?"u8.ToArray())),
        ("an offer of 5 MB", "want at most", lab => lab.OfferAsync(new byte[5_000_000])),
        ("a bit of the manifest flipped", "the signature does not fit", lab => Offer(lab, o => o with { Manifest = o.Manifest.Replace("\"version\":6", "\"version\":7", StringComparison.Ordinal) })),
        ("a bit of the signature flipped", "the signature does not fit", lab => Offer(lab, o => o with { Signature = [.. o.Signature[..^1], (byte)(o.Signature[^1] ^ 1)] })),
        ("no signature", "the signature does not fit", lab => Offer(lab, o => o with { Signature = [] })),
        ("the signature of another manifest", "the signature does not fit", lab => Offer(lab, o => o with { Signature = Manifests.ReadBeside(lab.Make(7)).Signature })),
        ("an unknown key", "the key 'stranger' is not trusted here", lab => Offer(lab, o => SignedBy("stranger", o.Manifest))),
        ("a stranger under a trusted name", "the signature does not fit", lab => Offer(lab, o => SignedBy("stranger", o.Manifest) with { Key = "office" })),
        ("an expired key", "the key 'office' expired at 2020", WithExpiredKey),
        ("a replayed older version", "fake version 4 is not newer than version 5", lab => PushAsync(lab, lab.Make(4))),
        ("the same version with another content", "fake version 5 is not newer than version 5", lab => PushAsync(lab, lab.Make(5, (_, values) => values[0] = 1))),
        ("a version replayed after a rollback", "fake version 6 is not newer than version 6", ReplayAfterRollback),
        ("a bank for another encoder", "made with the encoder", lab => PushAsync(lab, lab.Make(change: (d, _) => d["encoder_sha256"] = new string('c', 64)))),
        ("a manifest that wants a newer agent", "wants an agent of version 99.0", lab => Signed(lab, m => m with { MinimumAgentVersion = "99.0" })),
        ("a size that no disk has", "do not fit", lab => Signed(lab, m => m with { Size = long.MaxValue / 2 })),
        ("a size below zero", "the size is -1", lab => Signed(lab, m => m with { Size = -1 })),
        ("chunks of one byte", "chunks have 1 bytes", lab => Signed(lab, m => m with { ChunkBytes = 1 })),
        ("a million chunks", "do not fit", lab => Signed(lab, m => m with { Size = 1_000_000L * 65536, Chunks = new byte[2_000_000] })),
        ("half a hash", "do not fit", lab => Signed(lab, m => m with { Chunks = m.Chunks[..^16] })),
        ("more than the station takes", "updates.largest_mb", lab => With(lab, o => o with { LargestMb = 1 }, () => Signed(lab, m => m with { Size = 17 * 65536, Chunks = new byte[17 * 32] }))),
        ("a path for an id", "the id '../../etc/passwd' cannot be used", lab => Signed(lab, m => m with { Id = "../../etc/passwd" })),
        ("an id that begins with a dot", "the id '.ssh' cannot be used", lab => Signed(lab, m => m with { Id = ".ssh" })),
        ("an id with a line feed at its end", "cannot be used", lab => Signed(lab, m => m with { Id = "fake\n" })),
        ("a path for a hash", "a SHA-256 in it is none", lab => Signed(lab, m => m with { Sha256 = "../../../../tmp/x" })),
        ("an unknown format", "the format is 'zip'", lab => Signed(lab, m => m with { Format = "zip" })),
        ("a manifest of a later schema", "its schema is 'mrfad.manifest.v2'", lab => Signed(lab, m => m with { Schema = "mrfad.manifest.v2" })),
        ("a key twice in the manifest", "the manifest cannot be read", lab => SignedText(lab, text => text.Insert(1, "\"version\":1,"))),
        ("a field that nobody knows", "the manifest cannot be read", lab => SignedText(lab, text => text.Insert(1, "\"run\":\"sh\","))),

        // Chunks
        ("a bit of the file flipped", "chunk 2 came 5 times with other bytes", lab => PushAsync(lab, Damaged(lab, bytes => bytes[2 * 65536 + 77] ^= 1))),
        ("two chunks swapped", "came 5 times with other bytes", lab => PushAsync(lab, Damaged(lab, SwapChunks))),
        ("a file cut on its way", "came 5 times with other bytes", lab => PassingAsync(lab, chunk => chunk[..^1])),
        ("chunks of another number", "came 5 times with other bytes", lab => PassingAsync(lab, chunk => new byte[chunk.Length])),
        ("a file cut before it is sent", "its signed manifest says", async lab =>
        {
            var path = lab.Make();
            await File.WriteAllBytesAsync(path, (await File.ReadAllBytesAsync(path))[..^1]);
            return await PushAsync(lab, path);
        }),

        // Contents of the file
        ("a value that is no number", "is not finite in value 7", lab => Crafted(lab, (_, values) => values[7] = float.NaN)),
        ("an infinite value at the end", "is not finite in value 74999", lab => Crafted(lab, (_, values) => values[^1] = float.NegativeInfinity)),
        ("no calibration", "has no finite 'threshold'", lab => Crafted(lab, (d, _) => d["calibration"] = new JsonObject())),
        ("a file of another version than its manifest", "the file is fake version 7, the manifest's is fake version 6", lab => Crafted(lab, (d, _) => d["version"] = 7)),
        ("a file for another encoder than its manifest", "made with another encoder than the manifest says", lab => Crafted(lab, (d, _) => d["encoder_sha256"] = new string('c', 64))),
        ("another calibration than its manifest's", "another calibration", lab => Crafted(lab, (d, _) => d["calibration"]!["threshold"] = 101)),
        ("a header that lies", "header length", lab => Crafted(lab, (_, _) => { }, bytes => bytes[5] = 0x7F)),
        ("no bank at all", "header", lab => Crafted(lab, (_, _) => { }, bytes => Array.Fill(bytes, (byte)'x'))),

        // Verdicts of the new bank
        ("a bank that misses a defect", "it misses 1 of 1 defective reference parts", lab => Golden(lab, "bad", 150, threshold: 200)),
        ("a bank that calls a good part NG", "it calls 1 of 1 good reference parts NG", lab => Golden(lab, "good", 50, threshold: 20)),

        // The disk
        ("a disk without room for a copy of the old bank", "the disk is too full: want", lab => With(lab, new FullDisk(int.MaxValue) { Free = 1_450_000 })),
        ("a disk that is too full", "the disk is too full: want", lab => With(lab, new FullDisk(int.MaxValue) { Free = 100_000 })),
        .. Enumerable.Range(1, 5).Select(write => ($"a disk that is full from write {write} on", "No space left on device", (Func<UpdateLab, Task<string>>)(lab => With(lab, new FullDisk(write))))),

        // Restarts and power losses
        ("two updates at once", "another update is under way: fake version 6", TwoAtOnce),
        ("a power cut after the switch, the file lost", "it cannot be opened", lab => PowerCut(lab, file => File.WriteAllBytes(file, new byte[100]))),
        ("a power cut after the switch, the file gone", "it cannot be opened", lab => PowerCut(lab, File.Delete)),
        ("a power cut after the switch, a bit flipped", "is damaged: its sha256 is not that of fake version 6", lab => PowerCut(lab, file => Flip(file, -1))),
        ("a bank that ends the station", "the station ended 3 times before it gave a verdict by it", CrashLoop),
    ];

    public static TheoryData<string> Names => [.. Attacks.Select(a => a.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_old_bank_stays_and_the_reason_names_the_cause(string name)
    {
        var (_, expected, attack) = Attacks.Single(a => a.Name == name);
        await using var lab = new UpdateLab();
        await lab.StartAsync();
        var old = lab.Bank.Detector.Info!.BankSha256;

        var reason = await attack(lab);

        Assert.Contains(expected, reason, StringComparison.Ordinal);
        Assert.Equal((UpdateLab.Version, old), (lab.Bank.Detector.Info!.BankVersion, lab.Bank.Detector.Info.BankSha256));
        await lab.StopAsync();
        lab.Disk = new BankDisk();
        await lab.StartAsync();
        Assert.Equal(old, lab.Bank.Detector.Info!.BankSha256);
        // Nothing was written outside the folder, and nothing is left inside it but the bank for a rollback.
        var kept = new[] { lab.Bank.Store.Banks.Current, lab.Bank.Store.Banks.Previous }.OfType<StoredVersion>().Select(v => v.FileName);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(lab.State, "banks"), "*.model*").Select(Path.GetFileName).Except(kept));
        Assert.Equal(["configured.mrfbank", "golden", "state"], Directory.EnumerateFileSystemEntries(lab.Folder.Path).Select(Path.GetFileName).Append("golden").Distinct().Order());
    }

    private static async Task<string> PushAsync(UpdateLab lab, string path)
    {
        try
        {
            var outcome = await lab.PushAsync(path);
            Assert.Equal(UpdateResult.Refused, outcome.Result);
            return outcome.Reason;
        }
        catch (UpdateRefusedException e)
        {
            return e.Message;
        }
    }

    private static Task<string> Offer(UpdateLab lab, Func<SignedManifest, SignedManifest> change) => lab.OfferAsync(change(Manifests.ReadBeside(lab.Make())));

    private static Task<string> Signed(UpdateLab lab, Func<ModelManifest, ModelManifest> change) => lab.OfferAsync(Manifests.Sign(change(UpdateLab.Manifest(lab.Make())), lab.Signer.Key));

    private static Task<string> SignedText(UpdateLab lab, Func<string, string> change)
    {
        var text = change(Manifests.ReadBeside(lab.Make()).Manifest);
        return lab.OfferAsync(new SignedManifest { Key = "office", Manifest = text, Signature = lab.Signer.Key.Sign(Encoding.UTF8.GetBytes($"mrfad-manifest/1\noffice\n{text}")) });
    }

    private static SignedManifest SignedBy(string key, string manifest)
    {
        using var stranger = new BankSigner(key);
        return Manifests.Sign(JsonSerializer.Deserialize(manifest, MessageJson.Default.ModelManifest)!, stranger.Key);
    }

    private static async Task<string> WithExpiredKey(UpdateLab lab) =>
        await With(lab, o => o with { TrustedKeys = [lab.Signer.Trusted with { Expires = new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero) }] }, () => PushAsync(lab, lab.Make()));

    private static async Task<string> With(UpdateLab lab, Func<UpdateOptions, UpdateOptions> change, Func<Task<string>> attack)
    {
        await lab.StopAsync();
        lab.Options = change(lab.Options);
        await lab.StartAsync();
        return await attack();
    }

    private static async Task<string> With(UpdateLab lab, FullDisk disk)
    {
        await lab.StopAsync();
        lab.Disk = disk;
        await lab.StartAsync();
        return await PushAsync(lab, lab.Make());
    }

    private static async Task<string> ReplayAfterRollback(UpdateLab lab)
    {
        var next = lab.Make();
        Assert.Equal(UpdateResult.Accepted, (await lab.PushAsync(next)).Result);
        lab.Bank.RollBack("test", "to see what happens");
        return await PushAsync(lab, next);
    }

    private static string Damaged(UpdateLab lab, Action<byte[]> damage)
    {
        var path = lab.Make();
        var bytes = File.ReadAllBytes(path);
        damage(bytes);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private static void SwapChunks(byte[] bytes)
    {
        var first = bytes[65536..(2 * 65536)];
        bytes.AsSpan(2 * 65536, 65536).CopyTo(bytes.AsSpan(65536));
        first.CopyTo(bytes, 2 * 65536);
    }

    private static Task<string> PassingAsync(UpdateLab lab, Func<byte[], byte[]> change)
    {
        lab.Broker.Passing = message => message.Topic.Contains("/update/chunk/", StringComparison.Ordinal) ? message with { Payload = change(message.Payload.ToArray()) } : message;
        return PushAsync(lab, lab.Make());
    }

    /// <summary>Signs with a trusted key a file that does not agree with its manifest.</summary>
    private static Task<string> Crafted(UpdateLab lab, Action<JsonObject, float[]> change, Action<byte[]>? damage = null)
    {
        var honest = UpdateLab.Manifest(lab.Make());
        var path = TestModel.Write(lab.Signer.File("crafted.mrfbank"), UpdateLab.Version + 1, change: change);
        var bytes = File.ReadAllBytes(path);
        damage?.Invoke(bytes);
        File.WriteAllBytes(path, bytes);
        var chunks = bytes.Chunk(65536).SelectMany(System.Security.Cryptography.SHA256.HashData).ToArray();
        var manifest = honest with { Size = bytes.Length, Sha256 = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes)), Chunks = chunks };
        File.WriteAllBytes(path + Manifests.Extension, Manifests.Bytes(Manifests.Sign(manifest, lab.Signer.Key)));
        return PushAsync(lab, path);
    }

    private static async Task<string> Golden(UpdateLab lab, string kind, byte brightness, int threshold)
    {
        lab.AddGolden(kind, brightness);
        return await With(lab, o => o, () => PushAsync(lab, lab.Make(change: (d, _) => d["calibration"]!["threshold"] = threshold)));
    }

    private static async Task<string> TwoAtOnce(UpdateLab lab)
    {
        // The sender never answers.
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lab.Broker.Passing = message =>
        {
            if (message.Topic == lab.Topics.UpdateWant)
                started.TrySetResult();
            return message;
        };
        lab.Updates.Offer(Manifests.ReadBeside(lab.Make()), "mqtt", "test");
        await started.Task.WaitAsync(TestTimeout.Value);
        var reason = await PushAsync(lab, lab.Make(7));
        var givenUp = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lab.Status.Changed += () =>
        {
            if (lab.Status.Update is null)
                givenUp.TrySetResult();
        };
        lab.Updates.Cancel();
        await givenUp.Task.WaitAsync(TestTimeout.Value);
        return reason;
    }

    /// <summary>Lets a new bank take over and damages its file, as a power loss may do.</summary>
    private static async Task<string> PowerCut(UpdateLab lab, Action<string> damage)
    {
        Assert.Equal(UpdateResult.Accepted, (await lab.PushAsync(lab.Make())).Result);
        var file = lab.Bank.Store.PathOf(lab.Bank.Current);
        await lab.StopAsync();
        damage(file);
        await lab.StartAsync();
        return lab.Bank.Store.Banks.Last!.Reason;
    }

    private static async Task<string> CrashLoop(UpdateLab lab)
    {
        Assert.Equal(UpdateResult.Accepted, (await lab.PushAsync(lab.Make())).Result);
        for (var i = 0; i < 4; i++)
        {
            await lab.StopAsync();
            await lab.StartAsync();
        }

        return lab.Bank.Store.Banks.Last!.Reason;
    }

    private static void Flip(string file, int at)
    {
        var bytes = File.ReadAllBytes(file);
        bytes[at < 0 ? bytes.Length + at : at] ^= 1;
        File.WriteAllBytes(file, bytes);
    }
}
