namespace MrfAd.Testing;

/// <summary>A fenced block of a page.</summary>
/// <param name="Info">The text after the opening fence, such as "json station".</param>
/// <param name="Text">The lines between the fences.</param>
/// <param name="Line">The number of the first line of the text in the page.</param>
/// <param name="Heading">The text of the nearest heading above.</param>
public sealed record MarkdownBlock(string Info, string Text, int Line, string Heading)
{
    /// <summary>The first word of the info string; empty if there is none.</summary>
    public string Language => Info.Split(' ')[0];
}
