namespace MrfAd.Onnx.Networks;

/// <summary>The computed cost of a run on one input size.</summary>
/// <param name="Positions">The number of vectors of a layer: tokens, or places of the finest requested map.</param>
/// <param name="Operations">The number of floating-point operations; a multiplication and its addition are two.</param>
/// <param name="WeightBytes">The size of the graph's weights in fp32, bytes.</param>
/// <param name="ActivationBytes">The size of the largest tensors that must be in memory at one time, in fp32, bytes; a runtime needs somewhat more.</param>
public sealed record NetworkCost(long Positions, double Operations, long WeightBytes, long ActivationBytes);
