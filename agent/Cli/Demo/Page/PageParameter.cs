namespace MrfAd.Cli.Demo.Page;

/// <summary>A name and a value in the page's table about the run.</summary>
public sealed record PageParameter(string Name, string Value);
