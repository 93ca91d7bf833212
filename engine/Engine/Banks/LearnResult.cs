using MrfAd.Engine.Defects;

namespace MrfAd.Engine.Banks;

/// <param name="Skipped">For each image that was left out, a sentence that says why.</param>
public sealed record LearnResult(BankDescription Description, long Bytes, IReadOnlyList<string> Skipped)
{
    /// <summary>Sentences about images that were learned and may be wrong.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>How many painted defects the threshold finds, for each kind; empty where none were asked for.</summary>
    public IReadOnlyList<DefectsFound> Painted { get; init; } = [];
}
