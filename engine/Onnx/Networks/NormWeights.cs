namespace MrfAd.Onnx.Networks;

/// <summary>The weights of a layer normalisation.</summary>
/// <param name="Scale">The factor of each value, [D].</param>
/// <param name="Bias">What is added to each value, [D].</param>
public sealed record NormWeights(float[] Scale, float[] Bias);
