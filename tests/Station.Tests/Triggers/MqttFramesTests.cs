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

        public Lab(string source)
        {
            var health = new StationHealth(TimeProvider.System);
            _store = new ResultsStore(_folder.Path, _clock);
            Outbox = new StationOutbox(_store, new OutboxOptions(), StationMessages.Write, new BrokerConnection(Link, health), health, _meter, _clock, NullLogger<StationOutbox>.Instance);
            var camera = new Camera(new CameraOptions { Source = source }, _ => new FakeSource(), new PendingShots(_clock), new FrameLimits(new()), health, _meter, _clock, NullLogger<Camera>.Instance);
            Camera = camera.Options.Name;
            MqttFrames.Subscribe(Link, [camera], new TriggerService(Outbox, _meter), Log);
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
