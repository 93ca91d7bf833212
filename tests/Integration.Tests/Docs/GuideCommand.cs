using System.Text.RegularExpressions;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Docs;

/// <summary>A command line in a bash block of a guide.</summary>
/// <param name="Page">The name of the page, such as "docs/mqtt.md".</param>
/// <param name="Heading">The text of the nearest heading above.</param>
/// <param name="Line">The number of the line in the page.</param>
/// <param name="Text">The command as written, without a comment behind it; continued lines are joined.</param>
public sealed partial record GuideCommand(string Page, string Heading, int Line, string Text)
{
    /// <summary>The program that the line starts, such as "curl".</summary>
    public string Program => Text.Split(' ')[0];

    /// <summary>All commands of all guides.</summary>
    public static IEnumerable<GuideCommand> All =>
        from page in MarkdownPage.Guides
        from block in page.Blocks
        where block.Language == "bash"
        from command in In(page, block)
        select command;

    /// <returns>The commands of a bash block in their order.</returns>
    public static IEnumerable<GuideCommand> In(MarkdownPage page, MarkdownBlock block)
    {
        var lines = block.Text.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var (first, text) = (i, lines[i]);
            while (text.EndsWith('\\') && i + 1 < lines.Length)
                text = text[..^1] + lines[++i];
            text = Comment().Replace(text, "").Trim();
            if (text.Length > 0)
                yield return new GuideCommand(page.Name, block.Heading, block.Line + first, text);
        }
    }

    [GeneratedRegex(@"(^|\s)#\s.*$")]
    private static partial Regex Comment();
}
