using MrfAd.Onnx.Graphs;

namespace MrfAd.Onnx.Differentiation;

/// <summary>A value on a <see cref="Tape"/>: a tensor of known shape, and the operator that computed it.</summary>
/// <param name="Shape">The shape, which must not be modified.</param>
public sealed record Var(Tensor Tensor, long[] Shape)
{
    /// <summary>"Input", "Constant", or the operator that computed the value.</summary>
    public string Operator { get; init; } = "Constant";

    public Var[] Inputs { get; init; } = [];

    /// <summary>The operator's integer arguments: axes, a permutation, the axis and borders of a slice.</summary>
    public long[] Numbers { get; init; } = [];

    public long Count => Shape.Aggregate(1L, (count, side) => count * side);

    public override string ToString() => $"{Operator} '{Tensor.Name}' [{string.Join(", ", Shape)}]";
}
