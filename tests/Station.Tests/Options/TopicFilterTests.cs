using System.Text.RegularExpressions;
using FsCheck.Xunit;
using MrfAd.Station.Options;

namespace MrfAd.Station.Tests.Options;

public sealed class TopicFilterTests
{
    private static readonly string[] Names = ["a", "b", ""];
    private static readonly IReadOnlyList<string> Topics = [.. Enumerable.Range(1, 4).SelectMany(TopicsOf).Where(topic => topic.Length > 0)];

    [Theory]
    [InlineData("a/b", "a/b", true)]
    [InlineData("a/b", "a/c", false)]
    [InlineData("a/b", "a", false)]
    [InlineData("a", "a/b", false)]
    [InlineData("a/+/c", "a/b/c", true)]
    [InlineData("a/+", "a/b/c", false)]
    [InlineData("a/+", "a/", true)]
    [InlineData("+", "a", true)]
    [InlineData("a/#", "a/b/c", true)]
    [InlineData("a/#", "a", true)]
    [InlineData("a/#", "ab", false)]
    [InlineData("#", "a/b", true)]
    [InlineData("#", "$SYS/uptime", false)]
    [InlineData("+/uptime", "$SYS/uptime", false)]
    [InlineData("$SYS/#", "$SYS/uptime", true)]
    public void A_topic_matches_as_MQTT_says(string filter, string topic, bool matches) =>
        Assert.Equal(matches, TopicFilter.Matches(filter, topic));

    [Theory]
    [InlineData("a/b", "a/b", true)]
    [InlineData("a/b", "a/c", false)]
    [InlineData("a/+", "a/b", true)]
    [InlineData("a/+", "+/b", true)]
    [InlineData("a/+", "b/+", false)]
    [InlineData("a/+", "a", false)]
    [InlineData("a/#", "a", true)]
    [InlineData("a/#", "a/b/c", true)]
    [InlineData("a/b/#", "a", false)]
    [InlineData("$share/one/a", "$share/two/+", true)]
    public void Filters_overlap_where_a_topic_could_match_both(string one, string other, bool overlap)
    {
        Assert.Equal(overlap, TopicFilter.Overlap(one, other));
        Assert.Equal(overlap, TopicFilter.Overlap(other, one));
    }

    [Property(Replay = "1,1", MaxTest = 2000)]
    public void A_topic_matches_where_the_filter_as_a_regular_expression_does(byte[] filterLevels, bool all, byte[] topicLevels)
    {
        var (filter, topic) = (Filter(filterLevels, all), Topic(topicLevels));
        if (filter.Length == 0 || topic.Length == 0)
            return; // neither is a valid filter

        var levels = string.Join('/', filter.Split('/').Where(level => level != "#").Select(level => level == "+" ? "[^/]*" : Regex.Escape(level)));
        var expression = filter == "#" ? ".*" : all ? $"{levels}(/.*)?" : levels;
        var brokersOwn = topic.StartsWith('$') && filter[0] is '+' or '#';

        Assert.Equal(Regex.IsMatch(topic, $@"\A{expression}\z") && !brokersOwn, TopicFilter.Matches(filter, topic));
    }

    [Property(Replay = "1,1", MaxTest = 500)]
    public void Filters_overlap_where_some_short_topic_matches_both_and_nowhere_else(byte[] oneLevels, bool allOfOne, byte[] otherLevels, bool allOfOther)
    {
        // With at most three levels and '#', the topics of up to four levels include one for each overlap.
        var (one, other) = (Filter([.. oneLevels.Take(3)], allOfOne), Filter([.. otherLevels.Take(3)], allOfOther));
        if (one.Length == 0 || other.Length == 0)
            return;

        Assert.Equal(Topics.Any(topic => TopicFilter.Matches(one, topic) && TopicFilter.Matches(other, topic)), TopicFilter.Overlap(one, other));
    }

    private static IReadOnlyList<string> TopicsOf(int levels) =>
        levels == 1 ? Names : [.. TopicsOf(levels - 1).SelectMany(topic => Names.Select(name => $"{topic}/{name}"))];

    private static string Filter(byte[] levels, bool all) =>
        string.Join('/', [.. levels.Select(level => (level % 4) == 3 ? "+" : Names[level % 4]), .. all ? ["#"] : (string[])[]]);

    private static string Topic(byte[] levels) => string.Join('/', levels.Select((level, i) => i == 0 && (level % 8) == 7 ? "$SYS" : Names[level % 3]));
}
