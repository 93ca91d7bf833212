using MrfAd.Contracts;

namespace MrfAd.Station.Tests.Reporting;

public sealed class StationTopicsTests
{
    private readonly StationTopics _topics = new("plant", "line-1", "station.7");

    [Fact]
    public void Topics_are_those_of_the_contract()
    {
        Assert.Equal("mrfad/v1/plant/line-1/station.7/status", _topics.Status);
        Assert.Equal("mrfad/v1/plant/line-1/station.7/state", _topics.State);
        Assert.Equal("mrfad/v1/plant/line-1/station.7/top/verdict", _topics.Verdict("top"));
        Assert.Equal("mrfad/v1/plant/line-1/station.7/top/heatmap", _topics.Heatmap("top"));
        Assert.Equal("mrfad/v1/plant/line-1/station.7/top/frame", _topics.Frame("top"));
        Assert.Equal("mrfad/v1/plant/line-1/station.7/cmd/trigger", _topics.Command("trigger"));
        Assert.Equal("mrfad/v1/plant/line-1/station.7/cmd/+", _topics.Command("+"));
        Assert.Equal("trigger", StationTopics.CommandName(_topics.Command("trigger")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a/b")]
    [InlineData("a+")]
    [InlineData("#")]
    [InlineData("a b")]
    [InlineData(" ")]
    [InlineData("a\n")]
    [InlineData("a\0")]
    [InlineData("\u00a0")]
    public void A_name_that_cannot_be_a_level_is_refused_with_what_it_is(string name)
    {
        Assert.Contains($"site name '{name}'", Assert.Throws<ArgumentException>(() => new StationTopics(name, "l", "s")).Message, StringComparison.Ordinal);
        Assert.Contains("line name", Assert.Throws<ArgumentException>(() => new StationTopics("s", name, "s")).Message, StringComparison.Ordinal);
        Assert.Contains("station name", Assert.Throws<ArgumentException>(() => new StationTopics("s", "l", name)).Message, StringComparison.Ordinal);
        Assert.Contains("camera name", Assert.Throws<ArgumentException>(() => _topics.Verdict(name)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Half_a_surrogate_pair_is_not_Unicode() =>
        Assert.Contains("Unicode", Assert.Throws<ArgumentException>(() => _topics.Verdict("a\ud83d")).Message, StringComparison.Ordinal);

    [Fact]
    public void Names_in_any_script_are_welcome() =>
        Assert.EndsWith("/カメラ😀/verdict", _topics.Verdict("カメラ😀"), StringComparison.Ordinal);

    [Fact]
    public void A_name_that_is_too_long_is_refused() =>
        Assert.Contains("201", Assert.Throws<ArgumentException>(() => _topics.Verdict(new string('a', 201))).Message, StringComparison.Ordinal);

    [Fact]
    public void No_camera_takes_the_topic_of_the_commands() =>
        Assert.Throws<ArgumentException>(() => _topics.Verdict("cmd"));
}
