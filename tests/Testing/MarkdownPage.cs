using System.Text.RegularExpressions;

namespace MrfAd.Testing;

/// <summary>A Markdown page of the repository, split into fenced blocks and the text around them.</summary>
public sealed partial class MarkdownPage
{
    private MarkdownPage(string path)
    {
        Path = path;
        Name = System.IO.Path.GetRelativePath(Repository.Root, path);
        (Prose, Blocks) = Split(File.ReadAllLines(path));
    }

    /// <summary>All pages of the repository.</summary>
    public static IReadOnlyList<MarkdownPage> All { get; } = [.. Files(Repository.Root).Order(StringComparer.Ordinal).Select(path => new MarkdownPage(path))];

    /// <summary>The front page and the pages below docs.</summary>
    public static IEnumerable<MarkdownPage> Guides => All.Where(page => page.Name == "README.md" || page.Name.StartsWith("docs/", StringComparison.Ordinal));

    public string Path { get; }

    /// <summary>The path relative to the repository's root.</summary>
    public string Name { get; }

    /// <summary>The text without fenced blocks.</summary>
    public string Prose { get; }

    public IReadOnlyList<MarkdownBlock> Blocks { get; }

    /// <summary>The targets of the page's links and pictures, as written.</summary>
    public IEnumerable<string> Links => Link().Matches(InlineCode().Replace(Prose, "")).Select(match => match.Groups[1].Value);

    /// <summary>The texts between backticks outside fenced blocks.</summary>
    public IEnumerable<string> Code => InlineCode().Matches(Prose).Select(match => match.Groups[1].Value);

    /// <summary>The anchors of the headings, as GitHub derives them.</summary>
    public IReadOnlyCollection<string> Anchors
    {
        get
        {
            var anchors = new List<string>();
            foreach (Match heading in Heading().Matches(Prose))
            {
                var text = LinkText().Replace(heading.Groups[1].Value, "$1").ToLowerInvariant();
                var anchor = string.Concat(text.Where(c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_')).Replace(' ', '-');
                var earlier = anchors.Count(a => a == anchor || Repeated(anchor).IsMatch(a));
                anchors.Add(earlier == 0 ? anchor : $"{anchor}-{earlier}");
            }

            return anchors;
        }
    }

    public static MarkdownPage Get(string name) => All.Single(page => page.Name == name);

    private static Regex Repeated(string anchor) => new($"^{Regex.Escape(anchor)}-[0-9]+$");

    private static IEnumerable<string> Files(string folder) =>
        Directory.EnumerateFiles(folder, "*.md").Concat(Directory.EnumerateDirectories(folder).Where(IsOurs).SelectMany(Files));

    private static bool IsOurs(string folder) =>
        System.IO.Path.GetFileName(folder) is var name && !name.StartsWith('.') && name is not ("bin" or "obj" or "out" or "demo-out" or "node_modules" or "TestResults" or "shared");

    private static (string Prose, IReadOnlyList<MarkdownBlock> Blocks) Split(string[] lines)
    {
        List<string> prose = [], block = [];
        List<MarkdownBlock> blocks = [];
        string? info = null;
        var heading = "";
        for (var i = 0; i < lines.Length; i++)
        {
            var isFence = lines[i].TrimStart().StartsWith("```", StringComparison.Ordinal);
            if (isFence && info is null)
            {
                info = lines[i].Trim()[3..];
            }
            else if (isFence)
            {
                blocks.Add(new MarkdownBlock(info!, string.Join('\n', block), i - block.Count + 1, heading));
                block.Clear();
                info = null;
            }
            else
            {
                (info is null ? prose : block).Add(lines[i]);
                if (info is null && Heading().Match(lines[i]) is { Success: true } match)
                    heading = match.Groups[1].Value;
            }
        }

        return (string.Join('\n', prose), blocks);
    }

    [GeneratedRegex(@"!?\[[^\]]*\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"\[([^\]]*)\]\([^)]*\)")]
    private static partial Regex LinkText();

    [GeneratedRegex("`([^`\n]+)`")]
    private static partial Regex InlineCode();

    [GeneratedRegex(@"^#+ +(.+?) *$", RegexOptions.Multiline)]
    private static partial Regex Heading();
}
