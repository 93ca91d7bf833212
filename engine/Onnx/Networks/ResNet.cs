using MrfAd.Onnx.Checkpoints;
using MrfAd.Onnx.Graphs;
using MrfAd.Onnx.Tensors;

namespace MrfAd.Onnx.Networks;

/// <summary>
/// ResNet of bottleneck blocks (50, 101, 152 and the wide ones; He et al. 2015, Zagoruyko 2016) from torchvision's checkpoints. Stage i is
/// torchvision's layer i. Each normalisation is multiplied into the convolution before it, so one graph takes any input size.
/// </summary>
public sealed class ResNet : INetwork
{
    private readonly Checkpoint _checkpoint;

    private readonly GraphPrecision _precision;

    private ResNet(Checkpoint checkpoint, NetworkOptions options)
    {
        _checkpoint = checkpoint;
        _precision = options.Precision != GraphPrecision.Int8
            ? options.Precision
            : throw new OnnxModelException($"{checkpoint.Path}: int8 is for the linear layers of a transformer; a ResNet has none before its last stage");
        if (Blocks(1) == 0)
            throw new TensorFormatException($"{checkpoint.Path}: has no tensor 'layer1.0.conv3.weight': want a ResNet of bottleneck blocks (50 and deeper)");
    }

    public string Variant
    {
        get
        {
            var depth = 2 + (3 * Enumerable.Range(1, 4).Sum(Blocks));
            var width = Weight("layer1.0.conv2.weight")[0] / 64;
            return width == 1 ? $"ResNet-{depth}" : $"Wide-ResNet-{depth}-{width}";
        }
    }

    /// <summary>The number of weights in the checkpoint without the classifier.</summary>
    public long Parameters => _checkpoint.Tensors.Where(t => !t.Key.StartsWith("fc.", StringComparison.Ordinal) && t.Key.Split('.')[^1] is "weight" or "bias").Sum(t => t.Value.Count);

    public int SizeMultiple => 32;

    public int PrefixTokens => 0;

    public bool FixedSize => false;

    public IReadOnlyList<string> Layers => ["stage1", "stage2", "stage3", "stage4"];

    public IReadOnlyList<string> DefaultLayers => ["stage2", "stage3"];

    /// <returns>The network; null where the checkpoint is of another network.</returns>
    public static ResNet? Recognise(Checkpoint checkpoint, NetworkOptions options) => checkpoint.Tensors.ContainsKey("layer1.0.conv1.weight") ? new ResNet(checkpoint, options) : null;

    public string TensorOf(string layer) => layer;

    public GraphBuilder Build(int width, int height, IReadOnlyList<string> layers)
    {
        var graph = new GraphBuilder(Variant, _precision);
        var x = graph.Relu(Normalised(graph, graph.Input("image", 1, 3, null, null), "conv1", "bn1", 2), "stem");
        x = graph.MaxPool(x, 3, 2, 1, "pool");
        for (var stage = 1; stage <= Last(layers); stage++)
        {
            for (var block = 0; block < Blocks(stage); block++)
            {
                var last = block == Blocks(stage) - 1;
                x = Bottleneck(graph, x, $"layer{stage}.{block}", StrideOf(stage, block), last ? $"stage{stage}" : $"layer{stage}.{block}.out");
            }

            if (layers.Contains($"stage{stage}"))
                graph.Output(x);
        }

        return graph;
    }

    public NetworkCost Cost(int width, int height, IReadOnlyList<string> layers)
    {
        double operations = 0, weights = 0, largest = 0;
        var places = Halved(width) * Halved(height);
        Count("conv1", places);
        places = Halved(Halved(width)) * Halved(Halved(height));
        var (w, h) = (Halved(Halved(width)), Halved(Halved(height)));
        long positions = 0;
        for (var stage = 1; stage <= Last(layers); stage++)
        {
            for (var block = 0; block < Blocks(stage); block++)
            {
                var name = $"layer{stage}.{block}";
                Count($"{name}.conv1", w * h);
                if (StrideOf(stage, block) == 2)
                    (w, h) = (Halved(w), Halved(h));
                foreach (var convolution in new[] { "conv2", "conv3", "downsample.0" })
                {
                    if (_checkpoint.Tensors.ContainsKey($"{name}.{convolution}.weight"))
                        Count($"{name}.{convolution}", w * h);
                }
            }

            if (positions == 0 && layers.Contains($"stage{stage}"))
                positions = (long)w * h;
        }

        return new NetworkCost(positions, operations, (_precision == GraphPrecision.Fp16 ? 2 : 4) * (long)weights, 4 * (long)largest);

        void Count(string convolution, long outputs)
        {
            var shape = Weight($"{convolution}.weight");
            var size = shape[0] * shape[1] * shape[2] * shape[3];
            operations += 2.0 * size * outputs;
            weights += size + shape[0];
            largest = Math.Max(largest, 3.0 * shape[0] * outputs); // a block's input, its result and their sum
        }

        static int Halved(int side) => (side + 1) / 2;
    }

    public void Dispose() => _checkpoint.Dispose();

    private Tensor Bottleneck(GraphBuilder graph, Tensor x, string name, int stride, string output)
    {
        var y = graph.Relu(Normalised(graph, x, $"{name}.conv1", $"{name}.bn1", 1), $"{name}.relu1");
        y = graph.Relu(Normalised(graph, y, $"{name}.conv2", $"{name}.bn2", stride), $"{name}.relu2");
        y = Normalised(graph, y, $"{name}.conv3", $"{name}.bn3", 1);
        var shortcut = _checkpoint.Tensors.ContainsKey($"{name}.downsample.0.weight") ? Normalised(graph, x, $"{name}.downsample.0", $"{name}.downsample.1", stride) : x;
        return graph.Relu(graph.Add(y, shortcut, $"{name}.sum"), output);
    }

    private Tensor Normalised(GraphBuilder graph, Tensor x, string convolution, string norm, int stride)
    {
        var shape = Weight($"{convolution}.weight");
        var (weight, bias) = FoldedNorm.Fold(_checkpoint.Floats, convolution, norm, shape);
        return graph.Conv(x, graph.Constant($"{convolution}.weight", weight, shape), graph.Constant($"{convolution}.bias", bias, shape[0]), stride, (int)shape[2] / 2, convolution);
    }

    private IReadOnlyList<long> Weight(string name)
    {
        var shape = _checkpoint.Find(name).Shape;
        return shape is [> 0, > 0, > 0, > 0] && shape[2] == shape[3] ? shape : throw new TensorFormatException($"{_checkpoint.Path}: tensor '{name}' has shape [{string.Join(", ", shape)}], want [outputs, inputs, k, k]");
    }

    private int Blocks(int stage) => Enumerable.Range(0, 1000).TakeWhile(block => _checkpoint.Tensors.ContainsKey($"layer{stage}.{block}.conv3.weight")).Count();

    private static int StrideOf(int stage, int block) => stage > 1 && block == 0 ? 2 : 1;

    private static int Last(IReadOnlyList<string> layers) => layers.Max(l => l[^1] - '0');
}
