using MrfAd.Engine.Verdicts;

namespace MrfAd.Cli.Evaluation;

/// <summary>What a method says of what it learned.</summary>
/// <param name="Maps">The names of its maps.</param>
/// <param name="Calibration">Of the fused map, on held-out good images.</param>
/// <param name="Facts">For the report's block on how to repeat the run.</param>
/// <param name="Skipped">Good images that could not be learned, and why.</param>
public sealed record Learned(IReadOnlyList<MapName> Maps, Calibration? Calibration, IReadOnlyList<Fact> Facts, IReadOnlyList<string> Skipped);
