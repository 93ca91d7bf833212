using MrfAd.Engine.Features;
using MrfAd.Engine.Images;
using MrfAd.Maker;
using MrfAd.Onnx.Checkpoints;
using MrfAd.Onnx.Graphs;
using MrfAd.Testing;

namespace MrfAd.Engine.Tests.Maker;

public sealed class ExportTests : IDisposable
{
    private static readonly StudentShape Small = new(4, [4, 8, 16], [0, 1, 2], [3, 5, 7]);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_graph_agrees_with_NumPy_on_the_checkpoint()
    {
        var random = new Random(3);
        var tensors = new Dictionary<string, (float[] Values, long[] Shape)>();
        new Student(Small).Build(Checkpointed).Write(_folder.File("model.onnx"));
        TestCheckpoint.Write(_folder.File("model.safetensors"), tensors);
        var input = Enumerable.Range(0, 3 * 64 * 48).Select(_ => (4 * random.NextSingle()) - 2).ToArray();
        Npy.Write<float>(_folder.File("input.npy"), input, 1, 3, 64, 48);
        Python.Run("networks.py", "student", _folder.Path);
        var expected = new Dictionary<string, (float[] Values, long[] Shape)> { ["image"] = (input, [1, 3, 64, 48]) };
        foreach (var stage in new[] { "stage1", "stage2", "stage3" })
        {
            var (values, shape) = Npy.Read<float>(_folder.File($"{stage}.npy"));
            expected.Add(stage, (values, [1, .. shape.Select(s => (long)s)]));
        }

        TestCheckpoint.Write(_folder.File("expected.safetensors"), expected);
        using var opened = Checkpoint.Open(_folder.File("expected.safetensors"));
        Assert.All(Export.Compare(_folder.File("model.onnx"), opened, ["stage1", "stage2", "stage3"]), difference => Assert.InRange(difference, 0, 0.002));

        // Each with norms that do something.
        float[] Checkpointed(string name, IReadOnlyList<long> shape)
        {
            var values = shape.Count > 1 ? new RandomWeights(name.Length).Of(name, shape) : [.. Enumerable.Range(0, (int)shape[0]).Select(_ => 0.5f + random.NextSingle())];
            tensors.Add(name, ([.. values], [.. shape]));
            return values;
        }
    }

    [Fact]
    public void A_graph_that_differs_from_what_was_trained_is_refused()
    {
        Export.Write(Small, new RandomWeights(1).Of, _folder.Path, "own");
        TestCheckpoint.Write(_folder.File("expected.safetensors"), new Dictionary<string, (float[] Values, long[] Shape)>
        {
            ["image"] = (new float[3 * 32 * 32], [1, 3, 32, 32]),
            ["stage1"] = ([.. Enumerable.Repeat(1f, 3 * 8 * 8)], [1, 3, 8, 8]),
        });
        using var expected = Checkpoint.Open(_folder.File("expected.safetensors"));
        var error = Assert.Throws<OnnxModelException>(() => Export.Compare(_folder.File("own.onnx"), expected, ["stage1"]));
        Assert.Contains("stage1 differs", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_shipped_shape_is_an_encoder_with_strides_4_8_and_16_in_8_MB()
    {
        var path = Export.Write(StudentShape.Read(Path.Combine(Repository.Root, "encoder", "student.json")), new RandomWeights(1).Of, _folder.Path, "own");
        Assert.InRange(new FileInfo(_folder.File("own.onnx")).Length, 1_000_000, 8_000_000);
        using var encoder = Encoder.Open(path, ["stage1", "stage2", "stage3"], 1);
        using var extractor = encoder.CreateExtractor(96, 64);
        using var image = new Image(96, 64, 3);
        image.Bytes.Fill(90);
        extractor.Extract(image);
        Assert.Equal([(24, 16), (12, 8), (6, 4)], Enumerable.Range(0, 3).Select(i => (extractor.Layer(i).Width, extractor.Layer(i).Height)));
        using var defaults = Encoder.Open(path, null, 1);
        Assert.Equal(["stage2", "stage3"], defaults.Layers);
    }

    [Fact]
    public void Every_package_listed_states_a_licence_that_allows_use_and_change()
    {
        var rows = File.ReadLines(Path.Combine(Repository.Root, "encoder", "PHOTOGRAPHS.md")).Where(l => l.StartsWith("| `", StringComparison.Ordinal)).Select(l => l.Split('|', StringSplitOptions.TrimEntries)).ToList();
        Assert.NotEmpty(rows);
        Assert.All(rows, row => Assert.Matches("GPL|CC-BY|CC0|Expat|Free Art|zlib|public domain", row[^2]));
        Assert.All(rows, row => Assert.DoesNotMatch("(?i)-NC|-ND|non-?commercial", row[^2]));
    }
}
