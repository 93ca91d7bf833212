using System.Globalization;
using System.Text.Json;
using MrfAd.Cli.Demo.Line;
using MrfAd.Engine.Encoders;
using MrfAd.Engine.Features;
using MrfAd.Engine.Images;
using MrfAd.Onnx.Graphs;
using MrfAd.Onnx.Networks;
using MrfAd.Station.Options;
using MrfAd.Testing;

namespace MrfAd.Benchmarks.Gpu;

/// <summary>
/// The input of the GPU benchmark: one image, already resized for each view and stored as arrays in files, and encoders. So the machine with the
/// GPU needs no OpenCV.
/// </summary>
public sealed class GpuData
{
    private const int TransformerPatch = 14; // patch side of DINOv2, px

    private readonly string _folder;
    private readonly ImageFacts _image;

    private GpuData(string folder)
    {
        _folder = folder;
        _image = JsonSerializer.Deserialize<ImageFacts>(File.ReadAllText(Path.Combine(folder, "image.json")))!;
    }

    /// <summary>Width of the image in pixels, before it is resized.</summary>
    public int Width => _image.Width;

    public int Height => _image.Height;

    /// <summary>Description of the image's origin.</summary>
    public string Source => _image.Source;

    /// <summary>Paths of the encoders' descriptors: the built-in one, then the added ones.</summary>
    public IReadOnlyList<string> Encoders => [DefaultEncoder.Path(), .. Directory.GetFiles(Path.Combine(_folder, "encoders"), "*.json").Order(StringComparer.Ordinal)];

    /// <exception cref="FileNotFoundException">The folder was not written by <see cref="Prepare"/>.</exception>
    public static GpuData Open(string folder) => File.Exists(Path.Combine(folder, "image.json"))
        ? new GpuData(folder)
        : throw new FileNotFoundException($"{folder}: want a folder made by 'gpu-data', got one without image.json");

    /// <summary>Writes the folder.</summary>
    /// <param name="image">Path of an image file; null for a generated part.</param>
    /// <param name="encoders">Paths of encoders to add to the built-in one.</param>
    public static GpuData Prepare(string folder, string? image, IReadOnlyList<string> encoders, MrfAdOptions options)
    {
        Directory.CreateDirectory(Path.Combine(folder, "views"));
        Directory.CreateDirectory(Path.Combine(folder, "encoders"));
        foreach (var encoder in encoders)
            Copy(encoder, Path.Combine(folder, "encoders"));
        using var pixels = image is null ? Generated() : ImageCodec.Read(image);
        File.WriteAllText(Path.Combine(folder, "image.json"), JsonSerializer.Serialize(new ImageFacts(pixels.Width, pixels.Height, image is null ? "a generated part" : Path.GetFileName(image))));
        var data = new GpuData(folder);
        var multiples = data.Encoders.Select(e => EncoderDescriptor.Read(e).SizeMultiple).Append(TransformerPatch).Distinct();
        foreach (var view in multiples.SelectMany(m => data.Views(options, m)).DistinctBy(v => (v.Width, v.Height)))
        {
            using var resized = ImageResize.Resize(pixels, view.Width, view.Height);
            Npy.Write<byte>(data.FileOf(view), resized.Bytes, resized.Height, resized.Width, resized.Channels);
        }

        return data;
    }

    /// <returns>The sizes of the views for an encoder whose input sides are multiples of <paramref name="multiple"/>.</returns>
    public IReadOnlyList<View> Views(MrfAdOptions options, int multiple) => ViewSizes.Of(Width, Height, options, multiple);

    /// <returns>The image at the size of a view.</returns>
    /// <exception cref="FileNotFoundException">The image was not prepared for this size.</exception>
    public Image Read(View view)
    {
        if (!File.Exists(FileOf(view)))
            throw new FileNotFoundException(string.Create(CultureInfo.InvariantCulture, $"{_folder} has no view of {view.Height}x{view.Width}: 'gpu-data' prepares the paper's five scales"));
        var (values, shape) = Npy.Read<byte>(FileOf(view));
        var image = new Image(shape[1], shape[0], shape[2]);
        values.CopyTo(image.Bytes);
        return image;
    }

    /// <summary>Builds a DINOv2 of the smallest published size (ViT-S/14 with registers) with random weights, which suffice to measure time and accuracy.</summary>
    /// <param name="blocks">Number of transformer blocks; ViT-S has 12.</param>
    /// <returns>The path of the descriptor.</returns>
    public string BuildTransformer(string folder, MrfAdOptions options, NetworkOptions form, int blocks)
    {
        var checkpoint = Path.Combine(folder, "vit-s-random.safetensors");
        if (!File.Exists(checkpoint))
            TestCheckpoint.Write(checkpoint, TestCheckpoint.DinoV2(384, blocks));
        using var network = Network.Open(checkpoint, form);
        var id = $"dinov2-vit-s-random-{form.Precision.ToString().ToLowerInvariant()}";
        return new EncoderBuild(network, id, [.. network.Layers.TakeLast(5).Where((_, i) => i % 2 == 0)], Views(options, network.SizeMultiple)).Write(folder, _ => { }, default);
    }

    private static void Copy(string path, string folder)
    {
        var (descriptor, files) = Encoder.Locate(path);
        var first = files.Values.First();
        foreach (var file in descriptor?.Weights is { } weights ? files.Values.Append(Path.Combine(Path.GetDirectoryName(first)!, weights)) : files.Values)
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);
        var graph = OnnxGraph.Read(first);
        (descriptor ?? new EncoderDescriptor { Id = Path.GetFileNameWithoutExtension(first), Model = Path.GetFileName(first), Layers = graph.Outputs.ToDictionary(o => o) })
            .Write(Path.Combine(folder, Path.ChangeExtension(Path.GetFileName(path), ".json")));
    }

    private static Image Generated()
    {
        using var folder = new TemporaryFolder();
        new PartLine(1, Good: 0, OfEachKind: 0, Seed: 1).Write(folder.Path, () => { }, CancellationToken.None);
        return ImageCodec.Read(Directory.GetFiles(folder.File("train/good"))[0]);
    }

    private string FileOf(View view) => Path.Combine(_folder, "views", string.Create(CultureInfo.InvariantCulture, $"{view.Height}x{view.Width}.npy"));

    private sealed record ImageFacts(int Width, int Height, string Source);
}
