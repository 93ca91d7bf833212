using System.Collections;
using System.Text.Json.Serialization.Metadata;
using MrfAd.Contracts;
using MrfAd.Engine.Banks;
using MrfAd.Engine.Datasets;
using MrfAd.Engine.Images;
using MrfAd.Onnx.Tensors;
using MrfAd.Platform;
using MrfAd.Station.Control;
using MrfAd.Station.Keys;
using MrfAd.Station.Options;
using MrfAd.Station.Outbox;
using MrfAd.Station.Updates;
using MrfAd.Testing;

namespace MrfAd.Fuzz;

/// <summary>All fuzzed readers.</summary>
public static class FuzzTargets
{
    private const long Little = 4_000_000;

    private static readonly Lazy<CommandVerifier> Seal = new(() =>
    {
        using var folder = new TemporaryFolder();
        SigningKey.Create(folder.Path, "k", passphrase: null).Dispose();
        return new CommandVerifier(
            new ControlOptions { TrustedKeys = [new TrustedKey { Id = "k", PublicKeyFile = folder.File("k.pub") }] }, new StationTopics("site", "line", "s1"), TimeProvider.System);
    });

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("bank", input => BankFuzz.Read(input.Path), [typeof(BankFormatException)], BankFuzz.MaxAllocatedBytes),
        new("hlgfa", input => BankFuzz.Read(input.Path), [typeof(BankFormatException)], BankFuzz.MaxAllocatedBytes),
        new("safetensors", ReadCheckpoint, [typeof(TensorFormatException)], Little),
        new("pth", ReadCheckpoint, [typeof(TensorFormatException)], Little),
        new("scores", input => ScoreFile.Read(input.Path), [typeof(ImageFormatException)], Little),
        // A byte of deflate may expand to a thousand, each of them eight pixels with three channels.
        // With the limit of a station that knows its product: a few bytes of WebP may rightly be 200 megapixels of one colour.
        new("image", input => ImageCodec.Decode(input.Bytes, "image", ImageLimits.UpTo(1, "the fuzzer's")).Dispose(), [typeof(ImageFormatException)], 4 * Little),
        new("mask", ReadMask, [typeof(DatasetException)], 16 * Little),
        new("station", input => StationConfig.Load(input.Path, device: null, new Hashtable()), [typeof(UsageException)], 4 * Little),
        new("command", ReadCommand, [], Little),
        new("outbox", input => ReleasedLog.Read(input.Bytes, out _), [], Little),
    ];

    /// <exception cref="ArgumentException">There is no target of that name.</exception>
    public static FuzzTarget Find(string name) => All.FirstOrDefault(t => t.Name == name)
        ?? throw new ArgumentException($"want one of {string.Join(", ", All.Select(t => t.Name))}, got '{name}'");

    /// <summary>Reads the mask of a defective image of the size that the seeds have.</summary>
    private static void ReadMask(FuzzInput input) => DatasetMask.Read(new DatasetImage("o/test/bad/1", "test", "bad", "1.png", true, input.Path), 5, 4, _ => { });

    private static void ReadCheckpoint(FuzzInput input)
    {
        using var checkpoint = Onnx.Checkpoints.Checkpoint.Open(input.Path);
        foreach (var (name, tensor) in checkpoint.Tensors.Where(t => t.Value.Type == TensorType.F32))
            checkpoint.Floats(name, tensor.Shape);
    }

    /// <summary>Reads the input as the payload of each command, as a signed command, and as an offer of a bank.</summary>
    private static void ReadCommand(FuzzInput input)
    {
        var json = MessageJson.Default;
        As(json.TriggerCommand);
        As(json.ReplayCommand);
        As(json.ThresholdCommand);
        As(json.RegionsCommand);
        As(json.CollectCommand);
        As(json.ProductCommand);
        As(json.SnapshotCommand);
        As(json.FetchCommand);
        As(json.DetectorCommand);
        As(json.TeachCommand);
        Refusable(() => Seal.Value.Open("threshold", CommandKind.Change, input.Bytes));
        Refusable(() => Manifests.ReadUnverified(Manifests.Read(input.Bytes)));

        void As<T>(JsonTypeInfo<T> type)
            where T : new() => Refusable(() => CommandPayload.Read(new CommandCall("command", input.Bytes, null), type));

        static void Refusable(Action read)
        {
            try
            {
                read();
            }
            catch (Exception e) when (e is CommandException or UpdateRefusedException)
            {
                // The station would reply with the error.
            }
        }
    }
}
