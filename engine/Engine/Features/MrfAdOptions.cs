using MrfAd.Engine.Search;

namespace MrfAd.Engine.Features;

/// <summary>What MRF-AD is to compute. All of it is written into the bank, and read from there by everything that judges.</summary>
public sealed record MrfAdOptions
{
    /// <summary>S_res: scaling factors of the input (section 5.1).</summary>
    public IReadOnlyList<double> Scales { get; init; } = [0.3, 0.4, 0.5, 0.6, 0.7];

    /// <summary>
    /// The shorter side of the smallest view has at least so many pixels: the paper's fractions are of images of about 5 MP, and a small
    /// image at 0.3 has nothing left to see. Where it would have fewer, all views grow by one factor (<see cref="ViewSizes"/>).
    /// Measured on magnetic-tile (tests/Benchmarks/RESULTS.md): more draws boundaries better and recognises defects worse.
    /// </summary>
    public int LeastSide { get; init; } = 96;

    /// <summary>Each feature is the mean over a square of so many patches a side (odd); 1: of itself, as in the paper. PatchCore has 3.</summary>
    public int PoolSide { get; init; } = 1;

    /// <summary>Features are brought to unit length: cosine instead of L2 distance (AnomalyDINO).</summary>
    public bool Normalise { get; init; }

    /// <summary>Only the part is learned and searched, and the encoder sees this in place of what surrounds it; null: the whole image.</summary>
    public BackgroundFill? Background { get; init; }

    /// <summary>Rows of a bank at the most; null: all patches of all images, as in the paper.</summary>
    public int? RowsPerBank { get; init; } = 20_000;

    /// <summary>How the rows of a bank are chosen where there are more.</summary>
    public RowReduction Reduction { get; init; } = RowReduction.Random;

    /// <summary>How their values are stored.</summary>
    public RowPrecision Precision { get; init; } = RowPrecision.Fp32;

    /// <summary>How the nearest of them is found.</summary>
    public SearchMethod Search { get; init; } = SearchMethod.Exact;

    /// <summary>Of the random choice of rows.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Images may differ in size. The views of each are scaled from its own size.</summary>
    public bool MixedSizes { get; init; }
}
