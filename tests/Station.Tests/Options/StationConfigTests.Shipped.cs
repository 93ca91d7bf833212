using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MrfAd.Platform;
using MrfAd.Station.Options;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Options;

/// <summary>The files and pages that are shipped, compared with the options.</summary>
public sealed partial class StationConfigTests
{
    [Fact]
    public void The_shipped_example_equals_the_defaults()
    {
        var example = File.ReadAllText(Path.Combine(Repository.Root, "devices", "station.example.json"));

        var loaded = StationConfig.Load(Write("station.json", example), null, NoVariables);

        Assert.Equal(StationJson.Write(new StationOptions().ResolvedAgainst(_folder.Path)), StationJson.Write(loaded));
    }

    [Fact]
    public void The_shipped_example_shows_every_key()
    {
        var example = StationJson.Parse(File.ReadAllText(Path.Combine(Repository.Root, "devices", "station.example.json")));

        Assert.Equal(StationJson.Parse(StationJson.Write(new StationOptions())).ToJsonString(), example.ToJsonString());
    }

    [Fact]
    public void Every_shipped_device_profile_fits_the_example()
    {
        foreach (var device in Directory.EnumerateFiles(Path.Combine(Repository.Root, "devices"), "*.json").Where(f => !f.EndsWith("example.json", StringComparison.Ordinal)))
        {
            StationConfig.Load(Write("station.json", "{}"), device, NoVariables);
            Assert.NotNull(DeviceProfile.Read(device).Device);
        }
    }

    [Fact]
    public void The_shipped_camera_profile_is_one() =>
        Assert.Equal("BayerRG12", CameraProfile.Read(Path.Combine(Repository.Root, "devices", "camera.example.json")).PixelFormat);

    [Fact]
    public void Every_fault_is_named_at_once_with_its_key_and_file()
    {
        var config = Write("station.json", """
            {
              "sight": "a", "line": "a/b",
              "mqtt": { "hots": "x", "port": "many", "host": null, "keep_alive": 15 },
              "cameras": [
                { "name": "one", "trigger": "sometimes", "source": "film:x" },
                { "name": "one", "interval": "5", "queue_length": 0 },
                { "name": "cmd" },
              ],
            }
            """);

        var error = Assert.Throws<UsageException>(() => StationConfig.Load(config, null, NoVariables)).Message;

        Assert.Contains("station.json: unknown key 'sight'; known there: site, line,", error, StringComparison.Ordinal);
        Assert.Contains("station.json: unknown key 'mqtt.hots'", error, StringComparison.Ordinal);
        Assert.Contains("station.json: mqtt.port: want a whole number, got \"many\"", error, StringComparison.Ordinal);
        Assert.Contains("station.json: mqtt.host must not be null", error, StringComparison.Ordinal);
        Assert.Contains("station.json: mqtt.keep_alive: want a duration", error, StringComparison.Ordinal);
        Assert.Contains("cameras[0].trigger: want one of \"mqtt\", \"http\", \"gpio\", \"line\", \"interval\", \"free_run\", got \"sometimes\"", error, StringComparison.Ordinal);
        Assert.Contains("cameras[1].interval: want a duration such as \"500ms\", \"2s\" or \"1m\", got \"5\"", error, StringComparison.Ordinal);
        Assert.Contains("the line name 'a/b'", error, StringComparison.Ordinal);
        Assert.Contains("cameras[0].source: want folder:PATH", error, StringComparison.Ordinal);
        Assert.Contains("cameras[1].queue_length: want at least 1, got 0", error, StringComparison.Ordinal);
        Assert.Contains("cameras: no camera can be called 'cmd'", error, StringComparison.Ordinal);
        Assert.Contains("cameras: 2 are named 'one'", error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_known_keys_are_those_of_the_page_of_configuration_and_no_other()
    {
        var documented = Regex.Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs", "configuration.md")), @"^\| `([a-z0-9_.\[\]]+)`", RegexOptions.Multiline).Select(m => m.Groups[1].Value).ToHashSet();
        // An unknown key in each object makes the reader list the known ones there.
        JsonObject config = new() { ["?"] = 1 };
        foreach (var keys in documented.Select(key => key.Split('.')))
            _ = keys.SkipLast(1).Aggregate(config, Member);

        var error = Assert.Throws<UsageException>(() => StationConfig.Load(Write("station.json", config.ToJsonString()), null, NoVariables)).Message;

        var known = Regex.Matches(error, @"unknown key '(.*)\?'; known there: (.*)").SelectMany(m => m.Groups[2].Value.Split(", ").Select(key => m.Groups[1].Value.Replace("[0]", "[]", StringComparison.Ordinal) + key));
        var objects = documented.Where(key => key.Contains('.', StringComparison.Ordinal)).Select(key => key[..key.LastIndexOf('.')]).ToHashSet();
        Assert.Equal(documented.Order(), known.Where(key => documented.Contains(key) || !objects.Any(o => o == key || o.StartsWith(key + ".", StringComparison.Ordinal))).Order());

        static JsonObject Member(JsonObject parent, string key)
        {
            JsonObject child = new() { ["?"] = 1 };
            var isList = key.EndsWith("[]", StringComparison.Ordinal);
            var member = parent[key.TrimEnd('[', ']')] ??= isList ? new JsonArray(child) : child;
            return isList ? member[0]!.AsObject() : member.AsObject();
        }
    }
}
