namespace MrfAd.Cli.Evaluation;

/// <summary>A line of the report's block on how to repeat the run.</summary>
public sealed record Fact(string Name, string Value);
