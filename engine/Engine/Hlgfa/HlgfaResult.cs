namespace MrfAd.Engine.Hlgfa;

/// <param name="Skipped">For each image that was left out, a sentence that says why.</param>
public sealed record HlgfaResult(HlgfaDescription Description, long Bytes, IReadOnlyList<string> Skipped);
