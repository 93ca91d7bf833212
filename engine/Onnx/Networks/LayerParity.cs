using System.Text.Json.Serialization;

namespace MrfAd.Onnx.Networks;

/// <summary>The difference between a layer of one encoder and the same layer of another.</summary>
/// <param name="MinCosine">The minimum cosine between a patch's two vectors over all patches.</param>
/// <param name="MapChange">The root mean square difference of the anomaly maps made by each, as a share of the reference map's own root mean square.</param>
public sealed record LayerParity(string Layer, double MeanCosine, [property: JsonPropertyName("lowest_cosine")] double MinCosine, double MapChange);
