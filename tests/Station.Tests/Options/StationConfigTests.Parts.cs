using MrfAd.Platform;
using MrfAd.Station.Options;

namespace MrfAd.Station.Tests.Options;

/// <summary>The parts of several views of a configuration.</summary>
public sealed partial class StationConfigTests
{
    [Fact]
    public void Parts_have_views_a_time_and_an_output()
    {
        Write("a.mrfbank", "");
        var parts = StationConfig.Load(Write("station.json", """
            {
              "detector": { "bank": "a.mrfbank" },
              "cameras": [{ "name": "top", "source": "mqtt:a" }, { "name": "side", "source": "http:", "trigger": "http" }],
              "parts": { "views": [{ "camera": "top", "looks": 2 }, { "camera": "side" }], "within": "3s", "serial_is_part": true, "gate": { "line": "gpiochip0:1", "delay": "4s" } },
            }
            """), null, NoVariables).Parts;

        Assert.Equal([("top", 2), ("side", 1)], parts.Views.Select(v => (v.Camera, v.Looks)));
        Assert.Equal((3, true, 4), (parts.Within.TotalSeconds, parts.SerialIsPart, parts.Gate!.Delay.TotalSeconds));
        Assert.Equal([true, false], ((string[])["top", "front"]).Select(parts.IsView));
    }

    [Fact]
    public void Every_fault_of_parts_is_named_at_once()
    {
        Write("a.mrfbank", "");
        string Faults(string parts) => Assert.Throws<UsageException>(() => StationConfig.Load(Write("station.json", $$"""
            {
              "detector": { "bank": "a.mrfbank" },
              "cameras": [{ "name": "top", "source": "mqtt:a", "gate": { "line": "gpiochip0:1" } }, { "name": "free", "source": "folder:f", "trigger": "free_run" }],
              "parts": {{parts}},
            }
            """), null, NoVariables)).Message;

        var error = Faults("""
            { "views": [{ "camera": "side" }, { "camera": "free" }, { "camera": "top", "looks": 0 }, { "camera": "top" }], "within": "0s", "gate": { "line": "27" } }
            """);
        Assert.Contains("parts.views[0].camera: want one of the cameras (top, free), got 'side'", error, StringComparison.Ordinal);
        Assert.Contains("parts.views[1].camera: 'free' has the trigger 'free_run', want 'mqtt' or 'http'", error, StringComparison.Ordinal);
        Assert.Contains("parts.views[2].looks: want 1 to 100, got 0", error, StringComparison.Ordinal);
        Assert.Contains("parts.views: want each camera once, with its number of 'looks', got 'top' 2 times", error, StringComparison.Ordinal);
        Assert.Contains("parts.within: want 1ms to 24h, got 0s", error, StringComparison.Ordinal);
        Assert.Contains("parts.gate.line: want CHIP:LINE", error, StringComparison.Ordinal);

        error = Faults("""{ "views": [{ "camera": "top" }], "within": "5s", "gate": { "line": "gpiochip0:1", "delay": "5s", "active_low": true } }""");
        Assert.Contains("parts.gate.delay: want 0s, or more than parts.within (5s), after which a part with a missing view is judged, got 5s", error, StringComparison.Ordinal);
        Assert.Contains("gate: gpiochip0:1 is active_low in one place and not in another", error, StringComparison.Ordinal);
        Assert.Contains("parts.gate: want parts.views", Faults("""{ "gate": { "line": "gpiochip0:1" } }"""), StringComparison.Ordinal);
    }
}
