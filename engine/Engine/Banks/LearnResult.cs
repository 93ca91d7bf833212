namespace MrfAd.Engine.Banks;

/// <param name="Skipped">For each image left out, why.</param>
public sealed record LearnResult(BankDescription Description, long Bytes, IReadOnlyList<string> Skipped);
