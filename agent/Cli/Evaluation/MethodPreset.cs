using MrfAd.Engine.Features;

namespace MrfAd.Cli.Evaluation;

/// <summary>
/// Methods that fall out of the same parts: a bank for each layer and scale, the nearest row, the mean of the maps. The baselines see one
/// resolution; theirs are fractions of the image as MRF-AD's are, not the pixels of their papers.
/// </summary>
/// <param name="OneScale">It has one scale only.</param>
/// <param name="OneLayer">Where no layers are named: the encoder's last.</param>
/// <param name="What">In --help and in reports, with what differs from the method's own paper.</param>
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
