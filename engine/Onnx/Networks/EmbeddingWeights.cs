namespace MrfAd.Onnx.Networks;

/// <summary>The weights with which a transformer of width D makes tokens of an image.</summary>
/// <param name="Prefix">The tokens before the patches (class token, registers), [P, D].</param>
/// <param name="Patch">The convolution that makes a token of a patch, [D, 3, k, k].</param>
/// <param name="Positions">What is added to the tokens of the patches, [patches, D]; null where positions turn queries and keys instead.</param>
public sealed record EmbeddingWeights(float[] Prefix, LinearWeights Patch, float[]? Positions);
