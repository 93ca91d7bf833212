using MrfAd.Engine.Features;
using MrfAd.Engine.Verdicts;

namespace MrfAd.Engine.Banks;

/// <summary>What a bank is to be made of.</summary>
public sealed record LearnRequest
{
    /// <summary>Paths of good images.</summary>
    public required IReadOnlyList<string> Images { get; init; }

    /// <summary>The folder that the bank's names of the images are relative to; null: they are called by their files' names.</summary>
    public string? Root { get; init; }

    /// <summary>Which of so many runs of neighbouring images is learned, from 0; the others are learned elsewhere, and <see cref="BankMerger"/> puts them together.</summary>
    public (int Index, int Count) Shard { get; init; } = (0, 1);

    public required string Id { get; init; }

    public int Version { get; init; } = 1;

    public required DateTimeOffset Created { get; init; }

    public MrfAdOptions Options { get; init; } = new();

    /// <summary>The bank's size at the most: precision and rows are chosen for it, whatever <see cref="Options"/> says; null: no limit.</summary>
    public long? Budget { get; init; }

    /// <summary>Patches of a branch, chosen at random, of which a coreset or a budget keeps some.</summary>
    public int Pool { get; init; } = 1_000_000;

    /// <summary>Parts into which the images are divided for calibration; each is scored against the others' rows.</summary>
    public int Folds { get; init; } = 5;

    /// <summary>Wanted, in 1000 good parts.</summary>
    public double FalseAlarms { get; init; } = 1;

    public ThresholdRule Rule { get; init; } = ThresholdRule.Quantile;

    /// <summary>Unreadable images are left out (and named in the result) instead of refused.</summary>
    public bool SkipUnreadable { get; init; }

    /// <summary>Threads of a search.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;
}
