using MrfAd.Engine.Alignment;
using MrfAd.Engine.Features;
using MrfAd.Engine.Images;
using MrfAd.Engine.Masks;
using MrfAd.Engine.Verdicts;

namespace MrfAd.Engine.Banks;

/// <summary>The images and options from which a bank is learned.</summary>
public sealed record LearnRequest
{
    /// <summary>Paths of good images.</summary>
    public required IReadOnlyList<string> Images { get; init; }

    /// <summary>The folder that the bank's names of the images are relative to; null means that they are called by their files' names.</summary>
    public string? Root { get; init; }

    /// <summary>The shard to learn, counted from 0, and the number of shards: runs of neighbouring images. The other shards are learned elsewhere, and <see cref="BankMerger"/> puts them together.</summary>
    public (int Index, int Count) Shard { get; init; } = (0, 1);

    public required string Id { get; init; }

    public int Version { get; init; } = 1;

    public required DateTimeOffset Created { get; init; }

    public MrfAdOptions Options { get; init; } = new();

    /// <summary>The range within which the parts of all frames are aligned to one of the good images; null compares them as they lie.</summary>
    public AlignmentOptions? Alignment { get; init; }

    /// <summary>The regions of the part: what they ignore is not learned. With alignment they name the good image that they are drawn over, which becomes the reference. Null learns the whole image.</summary>
    public PartRegions? Regions { get; init; }

    /// <summary>Maximum size of the bank, bytes; precision and number of rows are chosen for it, whatever <see cref="Options"/> says. Null means no limit.</summary>
    public long? Budget { get; init; }

    /// <summary>The number of patches of a branch, chosen at random, from which a coreset or a budget selects.</summary>
    public int Pool { get; init; } = 1_000_000;

    /// <summary>The number of folds into which the images are divided for calibration; each fold is scored against the rows of the others.</summary>
    public int Folds { get; init; } = 5;

    /// <summary>The acceptable number of false alarms (false rejects) in 1000 good parts, > 0.</summary>
    public double FalseAlarms { get; init; } = 1;

    public ThresholdRule Rule { get; init; } = ThresholdRule.Quantile;

    /// <summary>
    /// True to compute only the scores of some held-out images, by the certified search, and not their whole maps. Scores and threshold are the same; mean and deviation of the good pixels are
    /// those of the other images, of a quarter at least. Where the rule of the threshold needs all pixels, or the search gives no bounds, all maps are computed.
    /// </summary>
    public bool Certified { get; init; } = true;

    /// <summary>The number of held-out images on which a defect of each kind is painted, to see how many the threshold finds; 0 paints none.</summary>
    public int PaintedDefects { get; init; }

    /// <summary>
    /// The ways to make the map of which one is chosen by painted defects on held-out good images; it replaces the shapes of <see cref="Options"/>. The first is kept where none is clearly better.
    /// Empty takes the options as they are. Not together with a coreset, a budget or shards.
    /// </summary>
    public IReadOnlyList<MapCandidate> Candidates { get; init; } = [];

    /// <summary>Unreadable images are left out (and named in the result) instead of refused.</summary>
    public bool SkipUnreadable { get; init; }

    /// <summary>The largest image that is read; null means the limits of a folder of images (<see cref="ImageFolder.Limits"/>).</summary>
    public ImageLimits? Limits { get; init; }

    /// <summary>The memory for features that are kept from extraction to calibration, bytes: by default a quarter of what the process may have, at most 4 GB. The images beyond it are read and encoded twice.</summary>
    public long KeptBytes { get; init; } = Math.Min(4_000_000_000, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4);

    /// <summary>The number of threads of a search.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;
}
