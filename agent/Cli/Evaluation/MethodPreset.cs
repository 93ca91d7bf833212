using MrfAd.Engine.Features;

namespace MrfAd.Cli.Evaluation;

/// <summary>
/// A method that is a configuration of the same algorithm: a bank for each layer and scale, nearest neighbour search, the mean of the maps.
/// The baselines have one resolution, given as a fraction of the image like MRF-AD's scales, not the pixels of their papers.
/// </summary>
/// <param name="OneScale">True if the method has one scale only.</param>
/// <param name="OneLayer">True if the default is the encoder's last layer alone.</param>
/// <param name="What">Description for --help and reports, with the differences from the method's paper.</param>
public sealed record MethodPreset(string Name, MrfAdOptions Options, bool OneScale, bool OneLayer, string What)
{
    public static IReadOnlyList<MethodPreset> All { get; } =
    [
        new("mrf-ad", new MrfAdOptions(), false, false, "all layers at five scales, mean of all maps"),
        new("patchcore", new MrfAdOptions { Scales = [0.5], PoolSide = 3, Reduction = RowReduction.Coreset }, true, false, "one scale, 3x3 local average pooling, coreset; layers averaged as maps instead of joined as features"),
        new("superad", new MrfAdOptions { Scales = [0.7] }, true, false, "one scale, several layers"),
        new("anomalydino", new MrfAdOptions { Scales = [0.5], Normalise = true }, true, true, "one scale, the last layer, cosine distance"),
    ];
}
