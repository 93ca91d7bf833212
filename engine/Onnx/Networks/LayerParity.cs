namespace MrfAd.Onnx.Networks;

/// <summary>How far a layer of one encoder is from the same layer of another.</summary>
/// <param name="LowestCosine">Of any patch's two vectors.</param>
/// <param name="MapChange">Of anomaly maps made by each: the root mean square of their difference, as a share of their own.</param>
public sealed record LayerParity(string Layer, double MeanCosine, double LowestCosine, double MapChange);
