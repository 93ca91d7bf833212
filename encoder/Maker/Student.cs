using MrfAd.Onnx.Graphs;
using MrfAd.Onnx.Networks;

namespace MrfAd.Maker;

/// <summary>
/// The student: plain 3×3 convolutions with residual blocks (He et al. 2015), normalisation folded in, and a 1×1 convolution for each stage whose
/// result is the feature itself. Zero padding, as the teacher has. Its twin for training is <c>train.py</c>.
/// </summary>
public sealed class Student(StudentShape shape)
{
    /// <summary>The number of which height and width of an input must be multiples.</summary>
    public const int SizeMultiple = 16;

    /// <summary>The names of the outputs, stage1, stage2, …, which are those of the teacher.</summary>
    public IReadOnlyList<string> Stages { get; } = [.. shape.Channels.Select((_, i) => $"stage{i + 1}")];

    /// <summary>The convolutions, in the order in which they are computed.</summary>
    public IEnumerable<Convolution> Convolutions
    {
        get
        {
            yield return new Convolution("stem", 3, shape.Stem, 3, 2, Halves: true);
            var inputs = shape.Stem;
            for (var i = 0; i < Stages.Count; i++)
            {
                var (stage, channels, stride) = (Stages[i], shape.Channels[i], 4 << i);
                yield return new Convolution($"{stage}.down", inputs, channels, 3, stride, Halves: true);
                for (var block = 0; block < shape.Blocks[i]; block++)
                {
                    yield return new Convolution($"{stage}.block{block}.a", channels, channels, 3, stride);
                    yield return new Convolution($"{stage}.block{block}.b", channels, channels, 3, stride);
                }

                yield return new Convolution($"{stage}.head", channels, shape.Dimensions[i], 1, stride);
                inputs = channels;
            }
        }
    }

    /// <param name="weights">Returns a checkpoint's tensor of this name and shape.</param>
    /// <returns>One graph for any input size, with weights stored in fp16 and products in fp32.</returns>
    public GraphBuilder Build(Func<string, IReadOnlyList<long>, float[]> weights)
    {
        var graph = new GraphBuilder("mrfad-encoder");
        var convolutions = Convolutions.ToDictionary(c => c.Name);
        var x = graph.Relu(Apply("stem", graph.Input("image", 1, 3, null, null)), "stem.relu");
        for (var i = 0; i < Stages.Count; i++)
        {
            var stage = Stages[i];
            x = graph.Relu(Apply($"{stage}.down", x), $"{stage}.down.relu");
            for (var block = 0; block < shape.Blocks[i]; block++)
            {
                var name = $"{stage}.block{block}";
                var y = graph.Relu(Apply($"{name}.a", x), $"{name}.a.relu");
                x = graph.Relu(graph.Add(Apply($"{name}.b", y), x, $"{name}.sum"), $"{name}.relu");
            }

            graph.Output(Apply($"{stage}.head", x, stage));
        }

        return graph;

        Tensor Apply(string name, Tensor input, string? output = null)
        {
            var convolution = convolutions[name];
            var (weight, bias) = convolution.Normalised
                ? FoldedNorm.Fold(weights, $"{name}.conv", $"{name}.norm", convolution.Shape)
                : (weights($"{name}.conv.weight", convolution.Shape), weights($"{name}.conv.bias", [convolution.Outputs]));
            return graph.Conv(
                input,
                graph.HalfConstant($"{name}.weight", weight, convolution.Shape),
                graph.Constant($"{name}.bias", bias, convolution.Outputs),
                convolution.Halves ? 2 : 1,
                convolution.Kernel / 2,
                output ?? name);
        }
    }
}
