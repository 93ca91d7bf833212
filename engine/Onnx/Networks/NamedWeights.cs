using MrfAd.Onnx.Checkpoints;
using MrfAd.Onnx.Tensors;

namespace MrfAd.Onnx.Networks;

/// <summary>The weights of a checkpoint under the names of one publisher, whatever the names in the file are.</summary>
/// <param name="prefix">The beginning of the file's names; all tensors that begin with it belong to the network.</param>
/// <param name="name">Turns the publisher's name of a tensor into the file's.</param>
public sealed class NamedWeights(Checkpoint checkpoint, string prefix, Func<string, string> name) : IDisposable
{
    // Heads of all published sizes have this many values.
    private const int DefaultHeadDimension = 64;

    public string Path => checkpoint.Path;

    /// <summary>The number of values of all tensors with the prefix.</summary>
    public long Count => checkpoint.Tensors.Where(t => t.Key.StartsWith(prefix, StringComparison.Ordinal)).Sum(t => t.Value.Count);

    public bool Has(string tensor) => checkpoint.Tensors.ContainsKey(name(tensor));

    /// <returns>The tensor's name in the file.</returns>
    public string NameOf(string tensor) => name(tensor);

    /// <exception cref="TensorFormatException">The tensor is missing, has another shape, or holds no real numbers.</exception>
    public float[] Floats(string tensor, params IReadOnlyList<long> shape) => checkpoint.Floats(name(tensor), shape);

    /// <exception cref="TensorFormatException">The tensor is missing, or has another number of axes.</exception>
    public int[] Shape(string tensor, int axes)
    {
        var shape = checkpoint.Find(name(tensor)).Shape;
        return shape.Count == axes && shape.All(s => s is > 0 and < 1 << 20)
            ? [.. shape.Select(s => (int)s)]
            : throw Wrong($"has a tensor '{name(tensor)}' of shape [{string.Join(", ", shape)}], want {axes} axes of reasonable size");
    }

    /// <param name="layer">The layer, whose tensors end with <c>.weight</c> and <c>.bias</c>.</param>
    /// <param name="bias">False where the layer has no bias; it is then 0.</param>
    public LinearWeights Linear(string layer, int outputs, int inputs, bool bias = true) =>
        new(Floats($"{layer}.weight", outputs, inputs), bias ? Floats($"{layer}.bias", outputs) : new float[outputs]);

    /// <param name="inputs">The input channels of an output: 1 where each channel is convolved by itself.</param>
    public LinearWeights Convolution(string layer, int outputs, int inputs, int kernel) => new(Floats($"{layer}.weight", outputs, inputs, kernel, kernel), Floats($"{layer}.bias", outputs));

    public NormWeights Norm(string layer, int count) => new(Floats($"{layer}.weight", count), Floats($"{layer}.bias", count));

    /// <returns>The number of blocks: the first index whose <paramref name="tensor"/> is not there.</returns>
    /// <param name="tensor">The tensor of a block that every block has.</param>
    /// <exception cref="TensorFormatException">There is no block.</exception>
    public int Blocks(Func<int, string> tensor)
    {
        var blocks = 0;
        while (Has(tensor(blocks)))
            blocks++;
        return blocks > 0 ? blocks : throw Wrong($"has no tensor '{name(tensor(0))}'");
    }

    /// <returns>The number of tokens in a tensor [1, count, D], which may be 0.</returns>
    /// <exception cref="TensorFormatException">The tensor has another shape.</exception>
    public int TokenCount(string tensor, int dimension) => checkpoint.Find(name(tensor)).Shape is [1, >= 0 and < 1 << 20, var width] shape && width == dimension
        ? (int)shape[1]
        : throw Wrong($"tensor '{name(tensor)}' has shape [{string.Join(", ", checkpoint.Find(name(tensor)).Shape)}], want [1, tokens, {dimension}]");

    /// <returns>The number of attention heads of a transformer.</returns>
    /// <param name="known">The number as far as the checkpoint or its configuration tells it.</param>
    /// <param name="asked">The number that the user names; it counts more.</param>
    /// <exception cref="TensorFormatException">The number is not known, or does not divide the width.</exception>
    public int Heads(int dimension, int? asked, int? known)
    {
        var heads = asked ?? known ?? (dimension % DefaultHeadDimension == 0
            ? dimension / DefaultHeadDimension
            : throw Wrong($"has {dimension} values a token: how many heads is not in it; name them (--heads), or lay its config.json beside it"));
        return heads >= 1 && dimension % heads == 0 ? heads : throw Wrong($"has {dimension} values a token, which {heads} heads cannot share");
    }

    /// <returns>An error that names the file.</returns>
    public TensorFormatException Wrong(string what) => new($"{checkpoint.Path}: {what}");

    public void Dispose() => checkpoint.Dispose();
}
