namespace MrfAd.Cli.Tests.Docs;

/// <summary>A fenced block of a page. The info string is the text after the opening fence, such as "json station".</summary>
public sealed record MarkdownBlock(string Info, string Text, int Line)
{
    /// <summary>The first word of the info string; empty if there is none.</summary>
    public string Language => Info.Split(' ')[0];
}
