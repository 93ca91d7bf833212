using System.Text.Json.Serialization;
using MrfAd.Engine.Verdicts;

namespace MrfAd.Cli.Evaluation;

/// <summary>The results of learning one object.</summary>
/// <param name="Maps">Names of the method's maps.</param>
/// <param name="Calibration">Calibration of the fused map on held-out good images.</param>
/// <param name="Parameters">Names and values for the report's section on how to repeat the run.</param>
/// <param name="Skipped">Good images that could not be learned, with the reason.</param>
public sealed record Learned(IReadOnlyList<MapName> Maps, Calibration? Calibration, [property: JsonPropertyName("facts")] IReadOnlyList<RunParameter> Parameters, IReadOnlyList<string> Skipped);
