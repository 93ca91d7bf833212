using System.Text.Json.Nodes;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Results;

/// <summary>The pages history, statistics and review in a real browser, on a desktop and on a phone.</summary>
public sealed class ResultsPageTests(LearnedStation learned) : IClassFixture<LearnedStation>
{
    [Fact]
    public async Task A_quality_engineer_finds_parts_reads_statistics_and_reviews_fifty_parts_by_keyboard_alone()
    {
        Requires.Program("/usr/bin/chromium", package: "chromium");
        using var folder = new TemporaryFolder();
        // The last verdicts are some minutes old: the review measures over the last days. Those with pictures may be of another day than the first ones.
        var start = TimeProvider.System.GetUtcNow().AddHours(-8);
        var line = new GeneratedLine { Start = start, Cameras = ["top"], Products = [null], NgRate = 0.1 };
        await using var station = await StoredLine.StartAsync(learned, line, 6000);
        station.Write(150, new GeneratedLine { Start = start, Cameras = ["top"], Products = [null], NgRate = 0.4 });
        station.WritePictures(700);
        await station.CountsAsync();

        var seen = JsonNode.Parse(await NodeScript.ConverseAsync(
            "results.cjs", _ => Task.CompletedTask, $"{station.Address}", Environment.GetEnvironmentVariable("MRFAD_PICTURES") ?? folder.Path, StoredLine.Token, $"{start:yyyy-MM-dd}", $"{TimeProvider.System.GetUtcNow():yyyy-MM-dd}"))!;

        Assert.Equal("[]", seen["errors"]!.ToJsonString());
        Assert.Equal("[]", seen["faults"]!.ToJsonString());
        AssertSeen("address", "verdict=NG", "score_min=50");
        AssertSeen("csv", "api/results/export?", "verdict=NG", "format=csv");
        AssertSeen("link", "history?part=");
        Assert.Equal((string?)seen["part"], (string?)seen["colleague"]);
        AssertSeen("claim", "p50 ", " of ", " above ");
        AssertSeen("told", "signal");
        Assert.Contains(seen["signals"]!.AsArray(), s => ((string)s!).Contains("top: NG share", StringComparison.Ordinal));
        Assert.NotEqual(0, (int)seen["points"]!);
        Assert.NotEqual(0, (int)seen["bars"]!);
        Assert.Equal(2, seen["labelled"]!.AsArray().Count);
        AssertSeen("overkill", "95 % interval");
        AssertSeen("choice", "good parts rejected", "bad parts missed");
        // Each run: 51 labels, of which one replaced another; of ten parts five are called good, four bad and one unsure.
        var labels = station.Labels();
        Assert.Equal(102, labels.Count);
        Assert.Equal(2, labels.Count(l => l.Note == "dust"));
        Assert.All(labels, l => Assert.Equal(("Ada", "ng"), (l.By, l.Queue)));

        void AssertSeen(string what, params string[] parts) => Assert.All(parts, part => Assert.Contains(part, (string?)seen[what], StringComparison.Ordinal));
    }
}
