using System.Diagnostics.Metrics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MrfAd.Contracts;
using MrfAd.Station.Runtime;
using MrfAd.Testing;

namespace MrfAd.Cli.Tests.Docs;

public sealed partial class NamesInGuidesTests
{
    [Fact]
    public void Every_metric_that_a_guide_names_is_one_that_the_station_serves()
    {
        var known = new HashSet<string>();
        using var listener = new MeterListener { InstrumentPublished = (instrument, _) => known.Add(instrument.Name) };
        listener.Start();
        using var meter = new MrfAdMeter("test");

        Assert.Contains("mrfad_up", known);
        Faults.AssertNone(
            from page in MarkdownPage.Guides
            from Match name in Metric().Matches(page.Prose + string.Join('\n', page.Blocks.Select(block => block.Text)))
            where !known.Contains(name.Groups[1].Value)
            select $"{page.Name}: {name.Value}");
    }

    [Fact]
    public void The_topics_of_the_page_about_MQTT_are_those_of_the_contract()
    {
        const string root = "mrfad/v1/{site}/{line}/{station}/";
        var contract = JsonNode.Parse(AsyncApi.Document)!["channels"]!.AsObject().Select(channel => (string?)channel.Value!["address"])
            .OfType<string>().Select(address => address.Replace(root, "", StringComparison.Ordinal).Replace('{', '<').Replace('}', '>'));

        var written = TopicRow().Matches(MarkdownPage.Get("docs/mqtt.md").Prose).Select(row => row.Groups[1].Value);

        Assert.Equal(contract.Order(), written.Order());
    }

    [Fact]
    public void Every_command_over_MQTT_that_a_guide_names_exists()
    {
        Faults.AssertNone(
            from page in MarkdownPage.Guides
            from Match name in Command().Matches(page.Prose + string.Join('\n', page.Blocks.Select(block => block.Text)))
            where !AsyncApi.Document.Contains($"/cmd/{name.Groups[1].Value}\"", StringComparison.Ordinal)
            select $"{page.Name}: {name.Value}");
    }

    [GeneratedRegex(@"\b(mrfad_[a-z_]+?)(?:_bucket|_sum|_count)?(?![a-z_.])")]
    private static partial Regex Metric();

    [GeneratedRegex(@"^\| `([^`]+)` \| (?:station|anyone|office)", RegexOptions.Multiline)]
    private static partial Regex TopicRow();

    [GeneratedRegex(@"\bcmd/([a-z]+)")]
    private static partial Regex Command();
}
