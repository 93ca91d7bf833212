namespace MrfAd.Engine.Hlgfa;

/// <param name="Skipped">For each image that was left out, a sentence that says why.</param>
public sealed record HlgfaResult(HlgfaDescription Description, long Bytes, IReadOnlyList<string> Skipped)
{
    /// <summary>Sentences about images that were learned and may be wrong.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}
