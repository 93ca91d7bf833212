using System.Xml.Linq;
using MrfAd.Testing;

namespace MrfAd.Cli.Tests.Docs;

public sealed class FrontPageTests
{
    [Fact]
    public void The_front_page_has_at_most_700_words()
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));

        Assert.InRange(text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Count(word => word.Any(char.IsLetterOrDigit)), 200, 700);
    }

    [Fact]
    public void Every_package_is_among_the_third_party_notices_with_its_version()
    {
        var notices = File.ReadAllText(Path.Combine(Repository.Root, "THIRD-PARTY-NOTICES.md"));

        var packages = XDocument.Load(Path.Combine(Repository.Root, "Directory.Packages.props")).Descendants("PackageVersion")
            .Select(package => $"| {(string)package.Attribute("Include")!} | {((string)package.Attribute("Version")!).Trim('[', ']')} | ");

        Faults.AssertNone(packages.Where(row => !notices.Contains(row, StringComparison.Ordinal)));
    }
}
