using Microsoft.Extensions.Logging.Abstractions;
using MrfAd.Contracts;
using MrfAd.Station.Capture;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Station.Outbox;
using MrfAd.Station.Reporting;
using MrfAd.Station.Results;
using MrfAd.Station.Runtime;
using MrfAd.Station.Tests.Capture;
using MrfAd.Station.Tests.Reporting;
using MrfAd.Station.Triggers;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Triggers;

public sealed class MqttFramesTests
{
    [Fact]
    public void An_image_that_the_broker_retained_is_none_that_was_just_taken()
    {
        using var lab = new Lab("mqtt:frames/+");
        var image = new MqttMessage("frames/a", new byte[] { 1 });

        lab.Link.Receive(image with { Retain = true });
        Assert.Equal(0, lab.Outbox.Verdicts.LastSeq(lab.Camera));
        Assert.Contains("frames/a is not judged: send images without the retain flag", Assert.Single(lab.Log.Lines), StringComparison.Ordinal);
        lab.Link.Receive(image);
        Assert.Equal((1, "mqtt"), Assert.Single(lab.Outbox.Verdicts.Pending.Select(t => (t.Seq, t.Source))));
    }

    [Fact]
    public void An_image_is_known_by_its_id_and_without_one_by_its_correlation_data()
    {
        using var lab = new Lab("mqtt:frames/+");
        var image = new MqttMessage("frames/a", new byte[] { 1 }) { CorrelationData = new byte[] { 0xAB, 0x01 } };

        lab.Link.Receive(image with { UserProperties = [new("other", "no"), new("id", "part-7")] });
        lab.Link.Receive(image);

        Assert.True(lab.Knows("part-7"));
        Assert.True(lab.Knows("ab01"));
        Assert.Equal(2, lab.Outbox.Verdicts.LastSeq(lab.Camera));
        lab.Link.Receive(image);
        Assert.Equal(2, lab.Outbox.Verdicts.LastSeq(lab.Camera));
    }

    [Theory]
    [InlineData(StationTopics.MaxNameLength, true)]
    [InlineData(StationTopics.MaxNameLength + 1, false)]
    public void An_id_may_be_as_long_as_a_name(int length, bool isTaken)
    {
        using var lab = new Lab("mqtt:frames/+");
        var id = new string('x', length);

        lab.Link.Receive(new MqttMessage("frames/a", new byte[] { 1 }) { UserProperties = [new("id", id)] });

        Assert.Equal(isTaken, lab.Knows(id));
        Assert.Equal(1, lab.Outbox.Verdicts.LastSeq(lab.Camera));
    }

    [Theory]
    [InlineData("")]
    [InlineData("two\nlines")]
    public void An_id_that_is_none_costs_no_image(string id)
    {
        using var lab = new Lab("mqtt:frames/+");
        var image = new MqttMessage("frames/a", new byte[] { 1 }) { UserProperties = [new("id", id)] };

        lab.Link.Receive(image);
        lab.Link.Receive(image);

        Assert.False(lab.Knows(id));
        Assert.Equal(2, lab.Outbox.Verdicts.LastSeq(lab.Camera));
    }

    [Fact]
    public void Images_that_wait_have_a_share_of_the_memory_and_one_for_which_there_is_none_still_gets_its_verdict()
    {
        var memory = new MemoryBudget(100);
        using var lab = new Lab("mqtt:frames/+", memory);

        lab.Link.Receive(new MqttMessage("frames/a", new byte[70]) { UserProperties = [new("id", "1")] });
        lab.Link.Receive(new MqttMessage("frames/a", new byte[70]) { UserProperties = [new("id", "2")] });
        lab.Link.Receive(new MqttMessage("frames/a", new byte[20]) { UserProperties = [new("id", "2")] });

        Assert.True(lab.Knows("1") && lab.Knows("2"));
        // What came again under an id that is known is not kept.
        Assert.Equal((2, 70), (lab.Outbox.Verdicts.LastSeq(lab.Camera), memory.Used(MemoryUse.Uploads)));
    }

    [Fact]
    public void The_part_s_data_come_as_user_properties()
    {
        using var lab = new Lab("mqtt:frames/+");

        lab.Link.Receive(new MqttMessage("frames/a", new byte[] { 1 }) { UserProperties = [new("serial", "SN-17"), new("part", "P-17"), new("meta", """{ "lot": "A7" }""")] });

        Assert.Equal(new PartInfo("SN-17", PartMeta.Parse("""{"lot":"A7"}""")) { Id = "P-17" }, Assert.Single(lab.Outbox.Verdicts.Pending).Part);
        Assert.Empty(lab.Log.Lines);
    }

    [Theory]
    [InlineData("two\nlines", "{}", "'serial': want no control character", "{}")]
    [InlineData("", null, "'serial': want 1 to 200 characters, got 0", null)]
    [InlineData(null, "[]", "'meta': want a JSON object, got a list", null)]
    [InlineData(null, "{", "'meta': want a JSON object", null)]
    public void Data_beyond_their_limits_are_left_out_and_logged_and_cost_no_image(string? serial, string? meta, string logged, string? kept)
    {
        using var lab = new Lab("mqtt:frames/+");
        KeyValuePair<string, string>?[] properties = [serial is null ? null : new("serial", serial), meta is null ? null : new("meta", meta)];

        lab.Link.Receive(new MqttMessage("frames/a", new byte[] { 1 }) { UserProperties = [.. properties.OfType<KeyValuePair<string, string>>()] });

        Assert.Equal(1, lab.Outbox.Verdicts.LastSeq(lab.Camera));
        Assert.Equal(PartInfo.Of(null, kept is null ? null : PartMeta.Parse(kept)), Assert.Single(lab.Outbox.Verdicts.Pending).Part);
        Assert.Contains(logged, Assert.Single(lab.Log.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public void A_camera_of_another_kind_takes_no_images_of_messages()
    {
        using var lab = new Lab("http:");
        Assert.False(lab.Link.IsSubscribed);
    }

    private sealed class Lab : IDisposable
    {
        private readonly FakeClock _clock = new();
        private readonly TemporaryFolder _folder = new();
        private readonly MrfAdMeter _meter = new("0");
        private readonly ResultsStore _store;

        public Lab(string source, MemoryBudget? memory = null)
        {
            var health = new StationHealth(TimeProvider.System);
            _store = new ResultsStore(_folder.Path, _clock);
            Outbox = new StationOutbox(_store, new OutboxOptions(), StationMessages.Write, new BrokerConnection(Link, health), health, _meter, _clock, NullLogger<StationOutbox>.Instance);
            var shots = new PendingShots(_clock);
            shots.Open();
            var camera = new Camera(new CameraOptions { Source = source }, _ => new FakeSource(), shots, new FrameLimits(new(), new(long.MaxValue)), health, _meter, _clock, NullLogger<Camera>.Instance);
            Camera = camera.Options.Name;
            MqttFrames.Subscribe(Link, [camera], new TriggerService(Outbox, _meter), memory ?? new(long.MaxValue), Log);
        }

        public FakeLink Link { get; } = new();

        public RecordingLogger Log { get; } = new();

        public StationOutbox Outbox { get; }

        public string Camera { get; }

        public bool Knows(string id) => Outbox.Verdicts.TryGetTrigger(Camera, id, out _);

        public void Dispose()
        {
            Outbox.Dispose();
            _store.Dispose();
            _meter.Dispose();
            _folder.Dispose();
        }
    }
}
