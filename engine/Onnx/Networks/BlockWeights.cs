namespace MrfAd.Onnx.Networks;

/// <summary>
/// The weights of a transformer's block of width D: y = x + attention(norm(x)), then y + mlp(norm(y)). The factors of a layer scale are multiplied into the
/// layers before it.
/// </summary>
/// <param name="QueryKeyValue">The projections to queries, keys and values, [3·D, D], in this order.</param>
/// <param name="Projection">The projection of the heads' joined results, [D, D].</param>
/// <param name="MlpInput">The first layer of the MLP, [H, D]; [2·H, D] where it is gated, the gate before the values.</param>
/// <param name="MlpOutput">The last layer of the MLP, [D, H].</param>
public sealed record BlockWeights(NormWeights AttentionNorm, LinearWeights QueryKeyValue, LinearWeights Projection, NormWeights MlpNorm, LinearWeights MlpInput, LinearWeights MlpOutput);
