namespace MrfAd.Onnx.Networks;

/// <summary>The layers that a method takes of a transformer, as shares of its depth, so that they are known for any size.</summary>
/// <param name="Method">The method's name.</param>
/// <param name="Depths">The shares: 0.5 is the block after which half of all blocks are done.</param>
/// <param name="Source">The source of the layers.</param>
public sealed record PaperLayers(string Method, IReadOnlyList<double> Depths, string Source)
{
    public static IReadOnlyList<PaperLayers> All { get; } =
    [
        new("mrf-ad", [4 / 6.0, 5 / 6.0, 1], "the paper's blocks 7, 9 and 11 of 12, for DINOv2 ViT-B/14"),
        new("superad", [0.25, 0.5, 0.75, 1], "the paper's layers 6, 12, 18 and 24 (counted from 1) of 24, for DINOv2 ViT-L/14"),
        new("superadd", [0.25, 0.5, 0.75, 1], "config.json of its code: blocks 7, 15, 23 and 31 of 32, for DINOv3 ViT-H+/16"),
        new("anomalydino", [1], "its code: the last block, normalised (--norm)"),
    ];

    /// <returns>The layers of a method; null where none has this name.</returns>
    public static PaperLayers? Find(string method) => All.FirstOrDefault(l => l.Method == method);

    /// <returns>Those of <paramref name="layers"/> that lie at the shares of depth, each once.</returns>
    /// <param name="layers">All layers in the order in which they are computed.</param>
    public IReadOnlyList<string> Of(IReadOnlyList<string> layers) =>
        [.. Depths.Select(share => (int)(share * layers.Count + 1e-9) - 1).Where(index => index >= 0).Distinct().Select(index => layers[index])];
}
