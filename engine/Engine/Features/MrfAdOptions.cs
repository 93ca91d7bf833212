using System.Text.Json.Serialization;
using MrfAd.Engine.Search;

namespace MrfAd.Engine.Features;

/// <summary>The options of MRF-AD. They are stored in the bank, and inspection reads them from there.</summary>
public sealed record MrfAdOptions
{
    /// <summary>The scaling factors of the input, S_res (section 5.1).</summary>
    public IReadOnlyList<double> Scales { get; init; } = [0.3, 0.4, 0.5, 0.6, 0.7];

    /// <summary>
    /// Minimum length of the shorter side of the smallest view, px: the paper's scales are meant for images of about 5 MP, and a small
    /// image at 0.3 shows no details any more. Where it would be shorter, all views grow by one factor (<see cref="ViewSizes"/>).
    /// Measured on magnetic-tile (tests/Benchmarks/RESULTS.md): larger values outline defects better and recognise them worse.
    /// </summary>
    [JsonPropertyName("least_side")]
    public int MinSide { get; init; } = 96;

    /// <summary>
    /// The area to which an image is enlarged or reduced before the scales are applied, millions of pixels; null takes images as they are. The paper's have about 5: it enlarges the
    /// smaller ones (table 5).
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Megapixels { get; init; }

    /// <summary>
    /// The ways in which features are changed before they are banked and searched; at least one, all different. Each pair (layer, scale) has a branch for each of them, and the map is the mean of all.
    /// Plain features are the paper's.
    /// </summary>
    [JsonIgnore]
    public IReadOnlyList<FeatureShape> Shapes { get; init; } = [FeatureShape.Plain];

    /// <summary>The first of <see cref="Shapes"/>'s <see cref="FeatureShape.PoolSide"/>.</summary>
    public int PoolSide
    {
        get => Shapes[0].PoolSide;
        init => Shapes = [Shapes[0] with { PoolSide = value }, .. Shapes.Skip(1)];
    }

    /// <summary>The first of <see cref="Shapes"/>'s <see cref="FeatureShape.Normalise"/>.</summary>
    public bool Normalise
    {
        get => Shapes[0].Normalise;
        init => Shapes = [Shapes[0] with { Normalise = value }, .. Shapes.Skip(1)];
    }

    /// <summary><see cref="Shapes"/> as they are written; null where <see cref="PoolSide"/> and <see cref="Normalise"/> say all, as in files of earlier agents.</summary>
    [JsonPropertyName("shapes"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<FeatureShape>? WrittenShapes
    {
        get => IsShapedSimply ? null : Shapes;
        init => Shapes = value is { Count: > 0 } ? value : Shapes;
    }

    /// <summary>True to divide the map of each branch by its level on good parts before the mean is taken, so that branches whose distances are longer do not outweigh the others.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool LevelMaps { get; init; }

    /// <summary>True where some features are whitened, for which a bank has axes of its own.</summary>
    [JsonIgnore]
    public bool IsWhitened => Shapes.Any(s => !s.IsLocal);

    /// <summary>True where the features are changed in one way at most, without whitening.</summary>
    [JsonIgnore]
    public bool IsShapedSimply => Shapes is [{ IsLocal: true }];

    /// <summary>The content that replaces the background, so that only the part is learned and searched; null means that the whole image counts.</summary>
    public BackgroundFill? Background { get; init; }

    /// <summary>Maximum number of rows of a bank; null keeps all patches of all images, as in the paper.</summary>
    public int? RowsPerBank { get; init; } = 20_000;

    /// <summary>The method that chooses the rows of a bank where there are more patches.</summary>
    public RowReduction Reduction { get; init; } = RowReduction.Random;

    /// <summary>The precision in which the values of rows are stored.</summary>
    public RowPrecision Precision { get; init; } = RowPrecision.Fp32;

    /// <summary>The method that finds the nearest row.</summary>
    public SearchMethod Search { get; init; } = SearchMethod.Exact;

    /// <summary>The seed of the random choice of rows.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>True where images may differ in size; the views of each are then scaled from its own size.</summary>
    public bool MixedSizes { get; init; }
}
