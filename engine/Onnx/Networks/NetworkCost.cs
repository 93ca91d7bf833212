namespace MrfAd.Onnx.Networks;

/// <summary>What a run on one input size costs, by arithmetic alone.</summary>
/// <param name="Positions">Vectors that a layer has: tokens, or places of the finest map asked for.</param>
/// <param name="Operations">Floating-point operations; a multiplication and its addition are two.</param>
/// <param name="WeightBytes">Of the graph, fp32.</param>
/// <param name="ActivationBytes">The largest tensors that must be there at one time, fp32; a runtime needs somewhat more.</param>
public sealed record NetworkCost(long Positions, double Operations, long WeightBytes, long ActivationBytes);
