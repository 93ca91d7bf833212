namespace MrfAd.Cli.Demo.Page;

/// <summary>A line of the page's table about the run.</summary>
public sealed record PageFact(string Name, string Value);
