using MrfAd.Engine.Features;
using MrfAd.Onnx.Checkpoints;
using MrfAd.Onnx.Graphs;
using MrfAd.Onnx.Sessions;

namespace MrfAd.Maker;

/// <summary>Exports a checkpoint as an encoder: an ONNX file and its descriptor.</summary>
public static class Export
{
    public const string Licence = "Apache-2.0";

    // Weights in fp16 are rounded by up to 2⁻¹¹, which changes a feature by some 0.001 of its size.
    private const double MaxDifference = 0.005;

    /// <summary>Writes <c>{id}.onnx</c> and <c>{id}.json</c>.</summary>
    /// <param name="weights">Returns a checkpoint's tensor of this name and shape, as for <see cref="Student.Build"/>.</param>
    /// <returns>The descriptor's path.</returns>
    public static string Write(StudentShape shape, Func<string, IReadOnlyList<long>, float[]> weights, string folder, string id)
    {
        var student = new Student(shape);
        student.Build(weights).Write(Path.Combine(folder, $"{id}.onnx"));
        var path = Path.Combine(folder, $"{id}.json");
        new EncoderDescriptor
        {
            Id = id,
            Model = $"{id}.onnx",
            Input = "image",
            Layers = student.Stages.ToDictionary(s => s),
            DefaultLayers = ["stage2", "stage3"],
            SizeMultiple = Student.SizeMultiple,
            License = Licence,
        }.Write(path);
        return path;
    }

    /// <param name="expected">An image [1, 3, h, w], already normalised, and PyTorch's features of it: <c>image</c>, <c>stage1</c>, ….</param>
    /// <returns>For each stage, the root mean square of the difference, as a share of that of the features.</returns>
    /// <exception cref="OnnxModelException">A stage differs by more than rounding weights to fp16 explains.</exception>
    public static IReadOnlyList<double> Compare(string model, Checkpoint expected, IReadOnlyList<string> stages)
    {
        var shape = expected.Find("image").Shape;
        using var session = new OnnxSession(File.ReadAllBytes(model), model, Environment.ProcessorCount);
        using var run = session.Prepare("image", [.. shape], stages);
        expected.Floats("image", shape).CopyTo(run.Input);
        run.Execute();
        return [.. stages.Select((stage, i) => Difference(model, stage, run.Output(i), expected.Floats(stage, run.OutputShapes[i])))];
    }

    private static double Difference(string model, string stage, ReadOnlySpan<float> got, ReadOnlySpan<float> want)
    {
        double error = 0, size = 0;
        for (var i = 0; i < want.Length; i++)
        {
            error += Math.Pow(got[i] - want[i], 2);
            size += (double)want[i] * want[i];
        }

        var difference = Math.Sqrt(error / size);
        return difference <= MaxDifference
            ? difference
            : throw new OnnxModelException(FormattableString.Invariant($"{model}: {stage} differs from PyTorch's by {difference:0.0000} of its size, want at most {MaxDifference}"));
    }
}
