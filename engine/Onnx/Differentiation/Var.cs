using MrfAd.Onnx.Graphs;

namespace MrfAd.Onnx.Differentiation;

/// <summary>A value on a <see cref="Tape"/>: a tensor of known shape, and how it came about.</summary>
/// <param name="Shape">Never changed.</param>
public sealed record Var(Tensor Tensor, long[] Shape)
{
    /// <summary>"Input", "Constant", or the operator that gave it.</summary>
    public string Operator { get; init; } = "Constant";

    public Var[] Inputs { get; init; } = [];

    /// <summary>The operator's whole numbers: axes, a permutation, the axis and borders of a slice.</summary>
    public long[] Numbers { get; init; } = [];

    public long Count => Shape.Aggregate(1L, (count, side) => count * side);

    public override string ToString() => $"{Operator} '{Tensor.Name}' [{string.Join(", ", Shape)}]";
}
