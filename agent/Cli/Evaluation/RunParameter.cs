namespace MrfAd.Cli.Evaluation;

/// <summary>A name and a value in the report's section on how to repeat the run.</summary>
public sealed record RunParameter(string Name, string Value);
