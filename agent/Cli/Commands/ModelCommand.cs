using System.CommandLine;
using System.Text.Json;
using MrfAd.Cli.Terminal;
using MrfAd.Engine.Encoders;
using MrfAd.Engine.Features;
using MrfAd.Engine.Images;
using MrfAd.Onnx.Graphs;
using MrfAd.Onnx.Networks;
using MrfAd.Platform;
using Spectre.Console;

namespace MrfAd.Cli.Commands;

/// <summary><c>mrfad model</c>: builds encoders from published checkpoints and measures their cost.</summary>
public static class ModelCommand
{
    // Side in pixels of the view that is compared if the graph accepts views of any size.
    private const int ParitySide = 224;
    private const int ParityImages = 3;

    public static Command Create(TimeProvider clock) => new("model", "Fetches published checkpoints and makes encoders of them.") { ModelFetchCommand.Create(clock), Build(), Info() };

    private static ExampleCommand Build()
    {
        var options = new ModelOptions("checkpoint", "A checkpoint of DINOv2, DINOv3, ConvNeXt or ResNet: .safetensors, or PyTorch's .pth.");
        var output = new Option<string>("--out", "-o") { Description = "Folder for the graphs and their descriptor.", HelpName = "DIR", Required = true };
        var parity = new Option<string?>("--parity-images") { Description = "A folder of images on which the result is compared with the fp32 graph; default: noise.", HelpName = "DIR" };
        var force = new Option<bool>("--force") { Description = "Keep an encoder that is too far from the fp32 graph." };
        var id = new Option<string?>("--id") { Description = "Name of the encoder; default: the checkpoint's.", HelpName = "ID" };
        var json = new Option<bool>("--json") { Description = "As JSON." };
        var command = new ExampleCommand(
            "build",
            "Makes an encoder of a checkpoint: an ONNX graph for each size of view (one for all, where the network is convolutional) and the descriptor that --encoder takes.",
            "mrfad model build dinov2_vitb14_reg4_pretrain.pth --image 1520x2100 --layers 7,9,11 --out encoder")
        {
            output, id, parity, force, json,
        };
        options.AddTo(command);
        command.SetAction((parsed, cancellation) =>
        {
            using var network = options.Open(parsed);
            if (network.FixedSize && options.ImagesOf(parsed).Count == 0)
                throw new UsageException($"--image is missing: {network.Variant} needs a graph for each size of view, so the images' size must be known");
            var name = parsed.GetValue(id) ?? Path.GetFileNameWithoutExtension(options.PathOf(parsed));
            if (name.Length == 0 || name.AsSpan().IndexOfAny(Path.GetInvalidFileNameChars()) >= 0)
                throw new UsageException($"--id: '{name}' cannot begin a file's name");
            var layers = options.LayersOf(parsed, network);
            var views = options.ViewsOf(parsed, network);
            var folder = parsed.GetRequiredValue(output);
            var staging = Path.Combine(folder, $".{name}.{Environment.ProcessId}");
            try
            {
                var descriptor = new EncoderBuild(network, name, layers, views).Write(
                    staging,
                    file => Report(parsed.GetValue(json), FormattableString.Invariant($"{Path.GetFileName(file)}: {new FileInfo(file).Length / 1e6:0.##} MB")),
                    cancellation);
                var compared = Compare(options, parsed, descriptor, staging, layers, views, parsed.GetValue(parity));
                foreach (var layer in compared)
                    Report(parsed.GetValue(json), FormattableString.Invariant($"layer {layer.Layer} beside the fp32 graph: cosine {layer.MeanCosine:0.000000} (lowest {layer.MinCosine:0.0000}), anomaly map off by {layer.MapChange:0.00 %}"));
                if (EncoderParity.Mismatch(options.PrecisionOf(parsed), compared) is { } doubt && !parsed.GetValue(force))
                    throw new OnnxModelException($"{name}: {doubt}; --force keeps it all the same");
                var files = UserFiles.Files(staging).OrderBy(f => f == descriptor).Select(f => (From: f, To: Path.Combine(folder, Path.GetFileName(f)))).ToList();
                foreach (var (from, to) in files)
                    AtomicFile.Rename(from, to);
                descriptor = files[^1].To;
                Console.WriteLine(parsed.GetValue(json)
                    ? JsonSerializer.Serialize(new { descriptor, variant = network.Variant, layers, graphs = files.Select(f => f.To).Where(f => f.EndsWith(".onnx", StringComparison.Ordinal)), parity = compared }, JsonOutput.Options)
                    : $"{descriptor}: {network.Variant}; use it with --encoder {descriptor}");
            }
            finally
            {
                if (Directory.Exists(staging))
                    UserFiles.DeleteFolder(staging);
            }

            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }

    private static void Report(bool json, string text)
    {
        if (!json)
            Console.WriteLine(text);
    }

    /// <summary>Compares on the smallest view: the graphs of other views differ in nothing but their size.</summary>
    private static IReadOnlyList<LayerParity> Compare(
        ModelOptions options, ParseResult parsed, string descriptor, string staging, IReadOnlyList<string> layers, IReadOnlyList<View> views, string? images)
    {
        using var published = options.Open(parsed, reference: true);
        var view = views.Count > 0 ? views.MinBy(v => (long)v.Width * v.Height)! : new View(1, 1, ParitySide, ParitySide);
        var folder = Path.Combine(staging, "fp32");
        using var reference = Encoder.Open(new EncoderBuild(published, "fp32", layers, [view]).Write(folder, _ => { }, default), null, Environment.ProcessorCount);
        using var built = Encoder.Open(descriptor, null, Environment.ProcessorCount);
        var pictures = images is null
            ? EncoderParity.Noise(ParityImages, view.Width, view.Height)
            : [.. ImageFiles.InFolder(images).Take(ParityImages).Select(path => ImageCodec.Read(path))];
        if (pictures.Count < 2)
            throw new UsageException($"--parity-images: want at least 2 images, got {pictures.Count}");
        try
        {
            return EncoderParity.Compare(reference, built, pictures, view.Width, view.Height);
        }
        finally
        {
            foreach (var picture in pictures)
                picture.Dispose();
        }
    }

    private static ExampleCommand Info()
    {
        var options = new ModelOptions("model", "A checkpoint, or an encoder (.json or .onnx).");
        var json = new Option<bool>("--json") { Description = "As JSON." };
        var command = new ExampleCommand(
            "info",
            "Shows what a checkpoint or an encoder is, and what it costs on images of a size, before anything is built.",
            "mrfad model info dinov2_vitb14_reg4_pretrain.pth --image 1520x2100 --scales 0.3,0.5,0.7")
        {
            json,
        };
        options.AddTo(command);
        command.SetAction(parsed =>
        {
            if (Path.GetExtension(options.PathOf(parsed)).ToLowerInvariant() is ".json" or ".onnx")
                ShowEncoder(options.PathOf(parsed), parsed.GetValue(json));
            else
                ShowCheckpoint(options, parsed, parsed.GetValue(json));
            return ExitCode.Done;
        });
        return command;
    }

    private static void ShowCheckpoint(ModelOptions options, ParseResult parsed, bool json)
    {
        using var network = options.Open(parsed);
        var layers = options.LayersOf(parsed, network);
        var costs = options.ViewsOf(parsed, network).Select(view => (View: view, Cost: network.Cost(view.Width, view.Height, layers))).ToList();
        var weights = (network.FixedSize ? costs.DistinctBy(c => (c.View.Width, c.View.Height)) : costs.Take(1)).Sum(c => c.Cost.WeightBytes);
        var needed = weights + costs.Sum(c => c.Cost.ActivationBytes);
        var available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        if (json)
        {
            var views = costs.Select(c => new
            {
                c.View.Scale,
                c.View.Width,
                c.View.Height,
                tokens = c.Cost.Positions,
                gflop = c.Cost.Operations / 1e9,
                weight_bytes = c.Cost.WeightBytes,
                activation_bytes = c.Cost.ActivationBytes,
            });
            Console.WriteLine(JsonSerializer.Serialize(
                new { variant = network.Variant, parameters = network.Parameters, layers, all_layers = network.Layers, size_multiple = network.SizeMultiple, views, bytes = needed, memory_bytes = available },
                JsonOutput.Options));
            return;
        }

        Console.WriteLine(FormattableString.Invariant($"{network.Variant}; {network.Parameters / 1e6:0.0} million parameters"));
        Console.WriteLine($"layers {string.Join(", ", network.Layers)} (chosen: {string.Join(", ", layers)}); sides in multiples of {network.SizeMultiple}");
        if (costs.Count == 0)
            return;
        var table = new Table().Border(TableBorder.Simple).AddColumns("scale", "view", "tokens", "GFLOP", "weights MB", "activations MB");
        foreach (var (view, cost) in costs)
        {
            table.AddRow(
                FormattableString.Invariant($"{view.Scale}"), $"{view.Height}x{view.Width}", $"{cost.Positions}", FormattableString.Invariant($"{cost.Operations / 1e9:0.0}"),
                FormattableString.Invariant($"{cost.WeightBytes / 1e6:0}"), FormattableString.Invariant($"{cost.ActivationBytes / 1e6:0}"));
        }

        AnsiConsole.Write(table);
        Console.WriteLine(FormattableString.Invariant(
            $"together {costs.Sum(c => c.Cost.Operations) / 1e9:0} GFLOP an image, about {needed / 1e9:0.0} GB; this device has {available / 1e9:0.0} GB{(needed > available ? ": it will NOT fit" : "")}"));
    }

    private static void ShowEncoder(string path, bool json)
    {
        var (descriptor, files) = Encoder.Locate(path);
        var (id, sha256) = Encoder.Identify(path);
        var graphs = files.Select(f => new
        {
            file = f.Value,
            bytes = FileLength.Of(f.Value),
            f.Key.Width,
            f.Key.Height,
            gflop = OnnxGraph.Read(f.Value).Operations() / 1e9,
            tokens = descriptor is null ? 0 : descriptor.PrefixTokens + (f.Key.Width / descriptor.SizeMultiple * (f.Key.Height / descriptor.SizeMultiple)),
        }).ToList();
        var graph = OnnxGraph.Read(graphs[0].file);
        var layers = descriptor?.Layers.Keys ?? graph.Outputs;
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(new { id, sha256, parameters = graph.Parameters, layers, graphs }, JsonOutput.Options));
            return;
        }

        Console.WriteLine(FormattableString.Invariant($"{id} (sha256 {sha256}); {graph.Parameters / 1e6:0.0} million parameters a graph; layers {string.Join(", ", layers)}"));
        foreach (var g in graphs)
            Console.WriteLine(FormattableString.Invariant($"{(g.Width == 0 ? "any size of view" : $"views of {g.Height}x{g.Width}, {g.tokens} tokens, {g.gflop:0.0} GFLOP")}: {g.file}, {g.bytes / 1e6:0.#} MB"));
    }
}
