using System.Collections;
using System.Text.RegularExpressions;
using MrfAd.Engine.Features;
using MrfAd.Platform;
using MrfAd.Station.Options;
using MrfAd.Testing;

namespace MrfAd.Cli.Tests.Docs;

public sealed partial class ExampleTests : IDisposable
{
    private static readonly string[] Languages = ["bash", "json", "text", "ini", "yaml", "csharp"];

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, int> Stations => Blocks("json station");

    public static TheoryData<string, int> Messages => Blocks("json message");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Stations))]
    public void A_station_file_in_a_guide_is_one_that_the_station_takes(string page, int line)
    {
        File.WriteAllText(_folder.File("station.json"), Block(page, line).Text);
        var environment = new Hashtable { [StationOptions.Credentials[1..]] = _folder.Path };

        // A reader of the guide has the files; here each missing file is created until none is missing.
        string? missed;
        while ((missed = Missed(environment)) is not null)
            Make(missed);
    }

    [Theory]
    [MemberData(nameof(Messages))]
    public void A_message_in_a_guide_fits_its_schema(string page, int line)
    {
        var block = Block(page, line);

        Faults.AssertNone(JsonSchemaValidator.ForMessage(block.Info["json message ".Length..]).Errors(block.Text));
    }

    [Fact]
    public void A_camera_profile_in_a_guide_is_one_that_a_camera_takes()
    {
        foreach (var block in MarkdownPage.Guides.SelectMany(page => page.Blocks).Where(block => block.Info == "json profile"))
        {
            File.WriteAllText(_folder.File("profile.json"), block.Text);
            CameraProfile.Read(_folder.File("profile.json"));
        }
    }

    [Fact]
    public void An_encoder_descriptor_in_a_guide_is_one_that_is_read()
    {
        foreach (var block in MarkdownPage.Guides.SelectMany(page => page.Blocks).Where(block => block.Info == "json descriptor"))
        {
            File.WriteAllText(_folder.File("encoder.json"), block.Text);
            EncoderDescriptor.Read(_folder.File("encoder.json"));
        }
    }

    [Fact]
    public void Every_block_of_a_guide_says_what_it_is_and_JSON_what_reads_it()
    {
        Faults.AssertNone(
            from page in MarkdownPage.Guides
            from block in page.Blocks
            where !Languages.Contains(block.Language) || (block.Language == "json" && !JsonKind().IsMatch(block.Info))
            select $"{page.Name}:{block.Line} '{block.Info}'");
    }

    private static TheoryData<string, int> Blocks(string info)
    {
        var data = new TheoryData<string, int>();
        foreach (var page in MarkdownPage.Guides)
        {
            foreach (var block in page.Blocks.Where(block => block.Info.StartsWith(info, StringComparison.Ordinal)))
                data.Add(page.Name, block.Line);
        }

        return data;
    }

    private static MarkdownBlock Block(string page, int line) => MarkdownPage.Get(page).Blocks.Single(block => block.Line == line);

    /// <returns>The error about the first missing file or folder; null if none is missing.</returns>
    private string? Missed(IDictionary environment)
    {
        try
        {
            StationConfig.Load(_folder.File("station.json"), null, environment);
            return null;
        }
        catch (UsageException e) when (Missing().IsMatch(e.Message))
        {
            return Missing().Match(e.Message).Value;
        }
    }

    private void Make(string missed)
    {
        var match = Missing().Match(missed);
        var path = match.Groups["path"].Value;
        Assert.StartsWith(_folder.Path, path, StringComparison.Ordinal);
        if (match.Groups["kind"].Value == "file")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, "{}");
        }
        else
        {
            Directory.CreateDirectory(path);
            File.WriteAllText(Path.Combine(path, "part.png"), "");
        }
    }

    [GeneratedRegex("there (?:is no|are no) (?<kind>file|folder|images in) '(?<path>[^']+)'")]
    private static partial Regex Missing();

    [GeneratedRegex("^json (station|profile|descriptor|message [a-z-]+)$")]
    private static partial Regex JsonKind();
}
