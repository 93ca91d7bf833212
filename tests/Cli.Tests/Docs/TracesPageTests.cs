using System.Reflection;
using System.Text.RegularExpressions;
using MrfAd.Engine.Verdicts;
using MrfAd.Station.Runtime;
using MrfAd.Testing;

namespace MrfAd.Cli.Tests.Docs;

public sealed partial class TracesPageTests
{
    [Fact]
    public void The_page_has_every_span_and_every_attribute_and_no_other()
    {
        var written = Row().Matches(Traces().Match(MarkdownPage.Get("docs/integrations.md").Prose).Value).Select(row => row.Groups[1].Value);

        Assert.Equal(Constants(typeof(SpanNames), typeof(StageSpans), typeof(SpanAttributes)).Concat(Resource).Order(StringComparer.Ordinal), written.Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> Resource => ServiceResource.Of(new()).Select(attribute => attribute.Key);

    private static IEnumerable<string> Constants(params Type[] types) =>
        types.SelectMany(type => type.GetFields(BindingFlags.Public | BindingFlags.Static)).Where(field => field.IsLiteral).Select(field => (string)field.GetRawConstantValue()!);

    [GeneratedRegex(@"^## Traces$[\s\S]*?(?=^## |\z)", RegexOptions.Multiline)]
    private static partial Regex Traces();

    [GeneratedRegex(@"^\| `([^`]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
