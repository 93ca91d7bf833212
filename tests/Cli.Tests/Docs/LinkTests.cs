using MrfAd.Testing;

namespace MrfAd.Cli.Tests.Docs;

public sealed class LinkTests
{
    public static TheoryData<string> Pages => [.. MarkdownPage.All.Select(page => page.Name)];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_relative_link_leads_to_a_file_and_to_a_heading_in_it(string name)
    {
        var page = MarkdownPage.Get(name);

        Faults.AssertNone(page.Links.Where(link => !link.Contains("://", StringComparison.Ordinal) && !Leads(page, link)));
    }

    [Fact]
    public void The_index_of_the_documentation_names_every_page_of_it()
    {
        var index = MarkdownPage.Get("docs/README.md");

        var named = index.Links.Select(link => Path.GetFullPath(link.Split('#')[0], Path.GetDirectoryName(index.Path)!)).ToHashSet();
        Faults.AssertNone(MarkdownPage.Guides.Where(page => page.Name.StartsWith("docs/", StringComparison.Ordinal) && page != index && !named.Contains(page.Path)).Select(page => page.Name));
    }

    private static bool Leads(MarkdownPage page, string link)
    {
        var (file, anchor) = link.Split('#') is [var path, var heading] ? (path, heading) : (link, null);
        var target = file.Length == 0 ? page.Path : Path.GetFullPath(file, Path.GetDirectoryName(page.Path)!);
        return anchor is null
            ? File.Exists(target) || Directory.Exists(target)
            : MarkdownPage.All.FirstOrDefault(p => p.Path == target)?.Anchors.Contains(anchor) == true;
    }
}
