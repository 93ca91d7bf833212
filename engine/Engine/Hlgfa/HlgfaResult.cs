namespace MrfAd.Engine.Hlgfa;

/// <param name="Skipped">For each image left out, why.</param>
public sealed record HlgfaResult(HlgfaDescription Description, long Bytes, IReadOnlyList<string> Skipped);
