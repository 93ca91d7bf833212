using System.Text;
using MrfAd.Station.Dashboard;
using MrfAd.Station.Mqtt;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Dashboard;

public sealed partial class PlantFeedTests : IAsyncDisposable
{
    private const string S1 = "mrfad/v1/site/line/s1";

    private static readonly byte[] Png = [0x89, .. "PNG\r\n\u001a\n"u8, 1, 2, 3];

    private readonly MemoryBroker _broker = new();
    private readonly FakeClock _clock = new();
    private readonly RecordingLogger _log = new();
    private readonly List<(string Part, WatchedLink Link)> _links = [];
    private readonly PlantFeed _feed;
    private readonly IMqttLink _stations;

    public PlantFeedTests()
    {
        _stations = _broker.Connect();
        _stations.Start();
        _feed = new PlantFeed(
            part =>
            {
                var link = new WatchedLink(_broker.Connect());
                _links.Add((part, link));
                return link;
            },
            _clock,
            _log);
    }

    public async ValueTask DisposeAsync()
    {
        await _feed.DisposeAsync();
        await _stations.DisposeAsync();
    }

    [Fact]
    public async Task The_first_page_hears_what_was_retained_and_a_later_one_also_what_was_said_since()
    {
        Publish("status", """{ "status": "online" }""", retain: true);
        Assert.Empty(_links);
        await using var first = Open(pictures: true);
        await first.FactAsync("site/line/s1/status");

        Publish("top/verdict", """{ "id": "1", "verdict": "NG" }""");
        Publish("top/heatmap", Png);
        Publish("top/verdict", """{ "id": "2", "verdict": "OK" }""");
        await using var second = Open(pictures: true);

        Assert.Equal("online", (string?)(await second.FactAsync("site/line/s1/status"))["status"]);
        Assert.Equal("NG", (string?)(await second.FactAsync("site/line/s1/top/verdict"))["verdict"]);
        var picture = await second.NextAsync("picture");
        Assert.Equal("site/line/s1/top/heatmap", (string?)picture["topic"]);
        Assert.Equal(Png, _feed.FindPicture((long)picture["number"]!)!.Bytes.ToArray());
        Assert.Equal("OK", (string?)(await second.FactAsync("site/line/s1/top/verdict"))["verdict"]);
        Assert.Equal(["plant", "plant-pictures"], _links.Select(l => l.Part));
    }

    [Fact]
    public async Task The_connections_end_when_the_last_page_has_been_gone_for_the_grace_and_no_earlier()
    {
        var first = Open(pictures: true);
        var second = Open(pictures: false);
        Assert.Equal(2, _links.Count);

        await first.DisposeAsync();
        _clock.Advance(PlantFeed.Grace);
        // No page shows pictures any more, but one is still open.
        await Link("plant-pictures").Ended.WaitAsync(TestTimeout.Value, TestContext.Current.CancellationToken);
        Assert.False(Link("plant").Ended.IsCompleted);

        await second.DisposeAsync();
        _clock.Advance(PlantFeed.Grace / 2);
        var third = Open(pictures: false);
        _clock.Advance(PlantFeed.Grace);
        Assert.False(Link("plant").Ended.IsCompleted);
        Assert.Equal(2, _links.Count);

        await third.DisposeAsync();
        _clock.Advance(PlantFeed.Grace);
        await Link("plant").Ended.WaitAsync(TestTimeout.Value, TestContext.Current.CancellationToken);

        await using var fourth = Open(pictures: false);
        Assert.Equal(3, _links.Count);
    }

    [Fact]
    public async Task What_was_known_before_the_connection_ended_is_forgotten()
    {
        var first = Open(pictures: true);
        Publish("top/verdict", """{ "id": "1" }""");
        Publish("top/heatmap", Png);
        var number = (long)(await first.NextAsync("picture"))["number"]!;
        await first.DisposeAsync();
        _clock.Advance(PlantFeed.Grace);
        Assert.Null(_feed.FindPicture(number));

        await using var second = Open(pictures: true);
        Publish("status", """{ "status": "online" }""");

        Assert.Equal("link", (await second.NextAsync()).Name);
        Assert.Equal("fact", (await second.NextAsync()).Name);
        Assert.Equal(0, second.Verdicts);
    }

    [Fact]
    public async Task A_page_that_does_not_read_holds_nobody_up_is_told_what_it_lost_and_is_up_to_date_again()
    {
        await using var fast = Open(pictures: false);
        await using var slow = Open(pictures: false);
        await slow.NextAsync("link");
        Publish("status", """{ "status": "online" }""", retain: true);
        await slow.FactAsync("site/line/s1/status");
        var reading = fast.FactAsync("site/line/s1/last/bank");

        for (var i = 1; i <= 5000; i++)
            Publish("top/verdict", $$"""{ "id": "{{i:0000}}" }""");
        Publish("last/bank", "{}");
        await reading;

        var lost = await slow.NextAsync("lost");
        Assert.Equal(5001, (int)lost["events"]!);
        Assert.Equal("""["site/line/s1"]""", lost["stations"]!.ToJsonString());
        Assert.Equal("online", (string?)(await slow.FactAsync("site/line/s1/status"))["status"]);
        Assert.Equal("5000", (string?)(await slow.FactAsync("site/line/s1/top/verdict"))["id"]);
    }

    [Theory]
    [InlineData("state", "{")]
    [InlineData("state", "[]")]
    [InlineData("state", "\"Ready\"")]
    [InlineData("top/verdict", "{ \"id\": \"\\ud800\" }")]
    [InlineData("top/heatmap", "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>")]
    public async Task A_message_that_is_not_as_it_should_be_is_not_passed_on_but_counted_and_logged_once(string topic, string payload)
    {
        await using var page = Open(pictures: true);
        await page.NextAsync("link");

        for (var i = 0; i < 3; i++)
            Publish(topic, payload);
        Publish("status", "{}");

        Assert.Equal("fact", (await page.NextAsync()).Name);
        _clock.Advance(TimeSpan.FromSeconds(4));
        var link = await page.NextAsync("link");
        Assert.Equal(3, (int)link["ignored"]!);
        Assert.StartsWith($"{S1}/{topic}: it is n", (string?)link["ignored_last"], StringComparison.Ordinal);
        Assert.Single(_log.Lines);
    }

    [Fact]
    public async Task What_is_too_large_is_counted()
    {
        await using var page = Open(pictures: true);
        await page.NextAsync("link");

        Publish("state", $$"""{ "reason": "{{new string('x', 128 * 1024)}}" }""");
        Publish("top/frame", [.. Png, .. new byte[PlantPictures.MaxBytes]]);
        _clock.Advance(TimeSpan.FromSeconds(4));

        Assert.Equal(2, (int)(await page.NextAsync("link"))["ignored"]!);
    }

    [Fact]
    public async Task A_command_is_not_taken_for_a_camera()
    {
        await using var page = Open(pictures: false);
        await page.NextAsync("link");

        Publish("cmd/bank", "{}");
        Publish("top/bank", "{}");

        Assert.Equal("site/line/s1/top/bank", (string?)(await page.NextAsync("fact"))["topic"]);
    }

    [Fact]
    public async Task More_stations_and_cameras_than_can_be_remembered_are_counted()
    {
        await using var page = Open(pictures: false);
        for (var i = 0; i < PlantMemory.MaxStations + 2; i++)
            await _stations.PublishAsync(new MqttMessage($"mrfad/v1/site/line/s{i}/status", "{}"u8.ToArray()), CancellationToken.None);
        for (var i = 0; i < PlantMemory.MaxCameras + 3; i++)
            Publish($"c{i}/verdict", "{}");

        Assert.Equal(5, (int)(await page.NextAsync("link"))["ignored"]!);
        await using var later = Open(pictures: false);
        for (var i = 0; i < PlantMemory.MaxStations + PlantMemory.MaxCameras; i++)
            await later.NextAsync("fact");
    }

    [Fact]
    public async Task A_page_too_many_is_refused_until_one_leaves()
    {
        var pages = Enumerable.Range(0, PlantFeed.MaxWatchers).Select(_ => Open(pictures: false)).ToList();

        Assert.Null(_feed.Watch(pictures: false));
        await pages[0].DisposeAsync();
        using var another = _feed.Watch(pictures: false);

        Assert.NotNull(another);
        foreach (var page in pages.Skip(1))
            await page.DisposeAsync();
    }

    [Fact]
    public async Task The_oldest_pictures_go_when_there_are_too_many_bytes_and_a_later_page_is_not_told_of_them()
    {
        await using var page = Open(pictures: true);
        var numbers = new List<long>();
        for (var camera = 0; camera < 9; camera++)
        {
            Publish($"c{camera}/frame", [.. Png, .. new byte[8 * 1024 * 1024]]);
            numbers.Add((long)(await page.NextAsync("picture"))["number"]!);
        }

        Assert.Equal([false, false, true, true, true, true, true, true, true], numbers.Select(n => _feed.FindPicture(n) is not null));
        await using var later = Open(pictures: true);
        Assert.Equal("site/line/s1/c2/frame", (string?)(await later.NextAsync("picture"))["topic"]);
    }

    [Fact]
    public async Task That_the_broker_is_lost_and_back_is_told_with_the_reason()
    {
        await using var page = Open(pictures: false);
        Assert.True((bool)(await page.NextAsync("link"))["connected"]!);

        Link("plant").RaiseConnectionChanged("broker b:1883: the connection was lost");
        var lost = await page.NextAsync("link");
        Link("plant").RaiseConnectionChanged(null);

        Assert.False((bool)lost["connected"]!);
        Assert.Equal("broker b:1883: the connection was lost", (string?)lost["reason"]);
        Assert.True((bool)(await page.NextAsync("link"))["connected"]!);
    }

    [Fact]
    public async Task A_station_whose_retained_messages_were_cleared_is_told_of_and_forgotten()
    {
        await using var page = Open(pictures: false);
        Publish("status", "{}");
        Publish("top/verdict", "{}");
        await page.FactAsync("site/line/s1/top/verdict");

        Publish("status", "");

        Assert.Null((await page.NextAsync("fact"))["payload"]);
        await using var later = Open(pictures: false);
        Publish("s2/bank", "{}");
        Assert.Equal("site/line/s1/s2/bank", (string?)(await later.NextAsync("fact"))["topic"]);
    }

    [Theory]
    [InlineData("mrfad/v1/site/line/s1")]
    [InlineData("mrfad/v1/site/line//status")]
    [InlineData("mrfad/v1/site/line/s1/outbox")]
    [InlineData("mrfad/v1/site/line/s1/top/heatmap/more")]
    [InlineData("mrfad/v2/site/line/s1/status")]
    [InlineData("status")]
    public void A_topic_of_another_shape_is_nothing_to_show(string topic) => Assert.Null(PlantTopic.Parse(topic));

    private WatchedLink Link(string part) => _links.Last(l => l.Part == part).Link;

    private Page Open(bool pictures) => new(_feed.Watch(pictures)!);

    private void Publish(string topic, string payload, bool retain = false) => Publish(topic, Encoding.UTF8.GetBytes(payload), retain);

    private void Publish(string topic, byte[] payload, bool retain = false)
    {
        // The broker in memory delivers before this returns.
        Assert.True(_stations.PublishAsync(new MqttMessage($"{S1}/{topic}", payload) { Retain = retain }, CancellationToken.None).IsCompletedSuccessfully);
    }
}
