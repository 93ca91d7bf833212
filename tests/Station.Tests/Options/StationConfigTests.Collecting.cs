using MrfAd.Platform;
using MrfAd.Station.Options;

namespace MrfAd.Station.Tests.Options;

/// <summary>A configuration whose models do not exist yet.</summary>
public sealed partial class StationConfigTests
{
    [Fact]
    public void A_bank_that_does_not_exist_stops_the_start_unless_good_parts_are_collected_for_it()
    {
        const string config = """{ "detector": { "bank": "none.mrfbank" }, "collect": { "enabled": COLLECTS, "folder": "parts" }, "cameras": [{ "name": "top", "source": "mqtt:a" }] }""";

        var station = StationConfig.Load(Write("station.json", config.Replace("COLLECTS", "true", StringComparison.Ordinal)), null, NoVariables);
        Assert.Equal((_folder.File("none.mrfbank"), _folder.File("parts")), (station.Detector.Bank, station.Collect.Folder));

        var error = Assert.Throws<UsageException>(() => StationConfig.Load(Write("station.json", config.Replace("COLLECTS", "false", StringComparison.Ordinal)), null, NoVariables)).Message;
        Assert.Contains("detector.bank: there is no file", error, StringComparison.Ordinal);
        Assert.Contains("'collect' lets the station learn it", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_fault_of_collecting_is_named_at_once()
    {
        Directory.CreateDirectory(_folder.File("folder.mrfbank"));
        var config = Write("station.json", """
            {
              "collect": { "enabled": true, "budget_mb": 0, "keep_frames": 0, "min_parts": 3, "scales": [0.5, 0.5], "least_side": 0, "rows": 99, "false_alarms": 0 },
              "products": [{ "name": "a", "bank": "none.mrfbank" }, { "name": "b", "bank": "folder.mrfbank" }],
              "cameras": [{ "name": "top", "source": "mqtt:a" }],
            }
            """);

        var error = Assert.Throws<UsageException>(() => StationConfig.Load(config, null, NoVariables)).Message;

        foreach (var fault in (string[])[
            "collect.budget_mb: want 1 or more, got 0", "collect.keep_frames: want 1 or more, got 0", "collect.min_parts: want 4 or more, got 3",
            "collect.scales: want one or more different numbers above 0 and up to 4", "collect.least_side: want 1 or more, got 0", "collect.rows: want null (all) or 100 or more, got 99",
            "collect.false_alarms: want a number between 0 and 1000, got 0", "products[1].bank: there is no file"])
            Assert.Contains(fault, error, StringComparison.Ordinal);
        Assert.DoesNotContain("products[0]", error, StringComparison.Ordinal);

        config = Write("station.json", """{ "detector": { "bank": "none.hlgfa", "method": "hlgfa" }, "collect": { "enabled": true }, "cameras": [{ "name": "top", "source": "mqtt:a" }] }""");
        Assert.Contains("the station learns banks, no HLGFA models", Assert.Throws<UsageException>(() => StationConfig.Load(config, null, NoVariables)).Message, StringComparison.Ordinal);
    }
}
