using MrfAd.Cli.Security;
using MrfAd.Station.Options;
using MrfAd.Testing;

namespace MrfAd.Cli.Tests.Docs;

public sealed class AccessListPageTests
{
    [Fact]
    public void The_access_list_of_the_page_about_MQTT_is_the_one_that_secure_writes()
    {
        var written = AccessList.For(new StationOptions { Site = "plant", Line = "line1", Station = "press" }, "press");

        Assert.Equal(written.Trim(), MarkdownPage.Get("docs/mqtt.md").Blocks.Single(block => block.Language == "ini").Text.Trim());
    }

    [Fact]
    public void A_station_may_also_use_what_its_configuration_turns_on()
    {
        var options = new StationOptions
        {
            Dashboard = new DashboardOptions { Plant = true },
            HomeAssistant = new HomeAssistantOptions { Enabled = true, Prefix = "ha" },
            Sparkplug = new SparkplugOptions { Enabled = true },
            Cameras = [new CameraOptions { Source = "mqtt:$share/stations/images/#" }],
        };

        var lines = AccessList.For(options, "press").Split('\n');

        Assert.Equal(["topic read mrfad/v1/#", "topic readwrite ha/#", "topic readwrite spBv1.0/#", "topic read images/#", ""], lines.SkipWhile(line => line != "topic write mrfad/replies/#").Skip(1).Take(5));
    }

    [Theory]
    [InlineData("a b")]
    [InlineData("a:b")]
    [InlineData("a\nuser line")]
    [InlineData("office")]
    public void A_user_name_that_would_forge_a_line_or_is_anothers_is_refused(string user) =>
        Assert.Contains("mqtt.username: ", Assert.Throws<ArgumentException>(() => AccessList.For(new StationOptions(), user)).Message, StringComparison.Ordinal);
}
