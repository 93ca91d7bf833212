using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using MrfAd.Contracts;
using MrfAd.Engine.Banks;
using MrfAd.Engine.Features;
using MrfAd.Engine.Hlgfa;
using MrfAd.Engine.Images;
using MrfAd.Engine.Learning;
using MrfAd.Engine.Search;
using MrfAd.Testing;

namespace MrfAd.Fuzz;

/// <summary>Creates the seeds: a few complete, small inputs for each target.</summary>
public static partial class SeedCorpus
{
    private static readonly float[] Six = [1, 2, 3, 4, 5, 6];

    /// <param name="folder">Folder in which a folder for each target is created.</param>
    public static void Write(string folder)
    {
        foreach (var target in FuzzTargets.All)
            Directory.CreateDirectory(Path.Combine(folder, target.Name));
        WriteModels(folder);
        WriteCheckpoints(folder);
        WriteImages(folder);
        WriteStations(Path.Combine(folder, "station"));
        WriteCommands(folder);
        File.Copy(Path.Combine(Repository.Root, "tests/Station.Tests/Outbox/released/outbox/verdicts/000000000001.log"), Path.Combine(folder, "outbox", "segment"), overwrite: true);
    }

    private static void WriteModels(string folder)
    {
        using var work = new TemporaryFolder();
        var images = Enumerable.Range(0, 8).Select(i =>
        {
            using var image = Noise(32, 32, 3, i);
            File.WriteAllBytes(work.File($"{i}.png"), ImageCodec.Encode(image, ImageFormat.Png));
            return work.File($"{i}.png");
        }).ToList();
        using var encoder = Engine.Features.Encoder.Open(TinyEncoder.Write(work.Path), null, 1);
        foreach (var precision in Enum.GetValues<RowPrecision>())
        {
            var options = new MrfAdOptions { Scales = [0.5], MinSide = 16, RowsPerBank = 16, Precision = precision };
            new BankLearner(encoder, TimeProvider.System).Learn(
                new LearnRequest { Images = images, Id = "fuzz", Version = 1, Created = DateTimeOffset.UnixEpoch, Options = options, Folds = 2, FalseAlarms = 1, Threads = 1 },
                Path.Combine(folder, "bank", $"{precision}".ToLowerInvariant()), null, CancellationToken.None);
            RemoveChecksum(Path.Combine(folder, "bank", $"{precision}".ToLowerInvariant()));
        }

        var small = new HlgfaOptions { HighSide = 64, Epochs = 1, HiddenChannels = 2, GuidanceChannels = 1, NoisyVersions = 1, Batch = 4, MicroBatch = 2, HeldOut = 0.25 };
        new HlgfaTrainer(work.File("tiny.onnx"), null, TimeProvider.System).Train(
            new HlgfaRequest { Images = images, Id = "fuzz", Created = DateTimeOffset.UnixEpoch, Options = small, Threads = 1 }, Path.Combine(folder, "hlgfa", "small"), null, CancellationToken.None);
        RemoveChecksum(Path.Combine(folder, "hlgfa", "small"));
    }

    /// <summary>Makes of a model one as version 0.1 wrote it: with a checksum every change would be refused before anything else is read.</summary>
    private static void RemoveChecksum(string path)
    {
        var text = Encoding.Latin1.GetString(File.ReadAllBytes(path));
        File.WriteAllBytes(path, Encoding.Latin1.GetBytes(Checksum().Replace(text, match => new string(' ', match.Length), 1)));
    }

    [GeneratedRegex("\"checksum\":\"sha256:[0-9a-f]{64}\",\"has_checksum\":\"true\",")]
    private static partial Regex Checksum();

    private static void WriteCheckpoints(string folder)
    {
        TestCheckpoint.Write(Path.Combine(folder, "safetensors", "two"), new Dictionary<string, (float[], long[])> { ["first.weight"] = (Six, [2, 3]), ["second.bias"] = (Six, [6]) });
        TestTorchFile.Write(Path.Combine(folder, "pth", "zip"), ("first.weight", Six, [2, 3]), ("second.bias", Six, [6]));
        TestTorchFile.WriteOld(Path.Combine(folder, "pth", "old"), "first.weight", Six);
    }

    private static void WriteImages(string folder)
    {
        File.WriteAllBytes(Path.Combine(folder, "scores", "half.tiff"), ScoreFile.EncodeTiff16(Six, 3, 2));
        Npy.Write<float>(Path.Combine(folder, "scores", "single.npy"), Six, 2, 3);
        foreach (var channels in (int[])[1, 3])
        {
            using var image = Noise(5, 4, channels, 1);
            File.WriteAllBytes(Path.Combine(folder, "image", $"{channels}.png"), ImageCodec.Encode(image, ImageFormat.Png));
            File.WriteAllBytes(Path.Combine(folder, "image", $"{channels}.jpg"), ImageCodec.Encode(image, ImageFormat.Jpeg));
        }

        File.WriteAllBytes(Path.Combine(folder, "image", "packed.tif"), TestTiff.Make(4, 2, [1, 35, 69, 103, 137, 171, 205, 239, 1, 35, 69, 103], isBigEndian: false, (258, 12), (262, 0)));
        File.WriteAllBytes(Path.Combine(folder, "image", "unused.tif"), TestTiff.Make(2, 2, [1, 2, 3, 4, 5, 6, 7, 8], isBigEndian: true, (258, 16), (262, 1), (281, 4095)));
        File.WriteAllBytes(Path.Combine(folder, "image", "lossless.webp"), Convert.FromBase64String("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA=="));
        using var mask = new Image(5, 4, 1);
        mask.Bytes.Clear();
        mask.Bytes[7] = 255;
        File.WriteAllBytes(Path.Combine(folder, "mask", "dot.png"), ImageCodec.Encode(mask, ImageFormat.Png));
        File.WriteAllBytes(Path.Combine(folder, "mask", "dot.jpg"), ImageCodec.Encode(mask, ImageFormat.Jpeg));
        File.WriteAllBytes(Path.Combine(folder, "mask", "dot.tif"), TestTiff.Make(5, 4, mask.Bytes.ToArray(), isBigEndian: false, (258, 8), (262, 1)));
        // Two pixels in bytes, because no code here writes BMP.
        File.WriteAllBytes(Path.Combine(folder, "image", "two.bmp"), [0x42, 0x4d, 62, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 0, 24, 0, .. new byte[24], 1, 2, 3, 4, 5, 6, 0, 0]);
    }

    /// <summary>Writes configurations that refer to no file that may be missing.</summary>
    private static void WriteStations(string folder)
    {
        File.WriteAllText(Path.Combine(folder, "example.json"), File.ReadAllText(Path.Combine(Repository.Root, "devices", "station.example.json"))
            .Replace("\"station.mrfbank\"", "\"/etc/passwd\"", StringComparison.Ordinal).Replace("\"folder:frames\"", "\"mqtt:frames\"", StringComparison.Ordinal));
        File.WriteAllText(Path.Combine(folder, "small.json"), """
            {"detector":{"bank":"/etc/passwd"},"cameras":[{"name":"top","source":"gst:videotestsrc","trigger":"gpio","trigger_line":"gpiochip0:3","gate":{"line":"gpiochip0:4","delay":"120ms"},"code":{"region":[0,0,40,30],"formats":["data_matrix","code_128"],"required":true,"time_limit":"1s"}}]}
            """);
        File.WriteAllText(Path.Combine(folder, "products.json"), """
            {"product":"b","products":[{"name":"a","bank":"/etc/passwd","threshold":1.5},{"name":"b","cameras":[{"name":"top","bank":"/etc/passwd","check_image":false}]}],"cameras":[{"name":"top","source":"mqtt:frames"}]}
            """);
    }

    private static void WriteCommands(string folder)
    {
        foreach (var (name, text) in new Dictionary<string, string>
        {
            ["trigger"] = """{"id":"part-1","camera":"top","product":"m6-bolt","serial":"SN-17","meta":{"lot":"A7","weight_g":1.5,"rework":false}}""",
            ["product"] = """{"product":"m6-bolt","camera":"top"}""",
            ["replay"] = """{"id":"00000001-0000-0000-0000-000000000000","camera":"top","from_seq":1,"to_seq":9,"from":"2026-01-01T00:00:00Z"}""",
            ["threshold"] = """{"camera":"top","threshold":1.5}""",
            ["teach"] = """{"verdict":"00000001-0000-0000-0000-000000000000"}""",
        })
            File.WriteAllText(Path.Combine(folder, "command", name), text);
        File.WriteAllText(Path.Combine(folder, "command", "signed"), JsonSerializer.Serialize(
            new SignedCommand { Key = "k", At = DateTimeOffset.UnixEpoch, Nonce = "n", Body = "{}", Signature = [0x30, 6, 2, 1, 1, 2, 1, 1] }, MessageJson.Default.SignedCommand));
        File.WriteAllText(Path.Combine(folder, "command", "offer"), JsonSerializer.Serialize(
            new SignedManifest { Key = "k", Manifest = "{}", Signature = [0x30, 6, 2, 1, 1, 2, 1, 1] }, MessageJson.Default.SignedManifest));
    }

    private static Image Noise(int width, int height, int channels, int seed)
    {
        var image = new Image(width, height, channels);
        new Random(seed).NextBytes(image.Bytes);
        return image;
    }
}
