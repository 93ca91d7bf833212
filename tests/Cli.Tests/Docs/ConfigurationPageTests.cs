using System.Text.RegularExpressions;
using MrfAd.Testing;

namespace MrfAd.Cli.Tests.Docs;

public sealed partial class ConfigurationPageTests
{
    private static readonly string Sections = string.Join('|', ConfigurationKey.All.Select(key => Regex.Match(key.Path, @"^[a-z_]+(?=[.\[])").Value).Where(section => section.Length > 0).Distinct());

    [Fact]
    public void The_page_of_configuration_has_every_key_with_its_type_and_default_and_no_other()
    {
        var written = Row().Matches(MarkdownPage.Get("docs/configuration.md").Prose).Select(row => row.Value.TrimEnd()).ToList();

        Assert.All(written, row => Assert.Matches(@" \| [^|]*[^| ][^|]* \|$", row));
        Assert.Equal(
            ConfigurationKey.All.Select(key => $"| `{key.Path}` | {key.Type} | `{key.Default}` |").Order(),
            written.Select(row => row[..(row.LastIndexOf(" | ", StringComparison.Ordinal) + " |".Length)]).Order());
    }

    [Fact]
    public void Every_key_that_a_guide_names_by_its_path_exists()
    {
        var known = ConfigurationKey.All.SelectMany(key => Prefixes(key.Path.Replace("[]", "", StringComparison.Ordinal))).ToHashSet();
        var named = new Regex($@"^(?:{Sections})(?:\[[0-9]*\])?\.[a-z_]+(?:\.[a-z_]+)*$");

        Faults.AssertNone(
            from page in MarkdownPage.Guides
            from code in page.Code
            where named.IsMatch(code) && !known.Contains(Index().Replace(code, "")) && !code.EndsWith(".json", StringComparison.Ordinal)
            select $"{page.Name}: {code}");
    }

    private static IEnumerable<string> Prefixes(string path) => path.Split('.') is var parts ? Enumerable.Range(1, parts.Length).Select(n => string.Join('.', parts[..n])) : [];

    [GeneratedRegex(@"^\| `[^`]+` \| .*$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"\[[0-9]*\]")]
    private static partial Regex Index();
}
