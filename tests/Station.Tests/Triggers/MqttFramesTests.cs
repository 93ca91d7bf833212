using Microsoft.Extensions.Logging.Abstractions;
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
    public async Task An_image_that_the_broker_retained_is_none_that_was_just_taken()
    {
        var (clock, health) = (new FakeClock(), new StationHealth(TimeProvider.System));
        using var folder = new TemporaryFolder();
        using var meter = new MrfAdMeter("0");
        await using var link = new FakeLink();
        using var store = new ResultsStore(folder.Path, clock);
        using var outbox = new StationOutbox(store, new OutboxOptions(), StationMessages.Write, new BrokerConnection(link, health), health, meter, clock, NullLogger<StationOutbox>.Instance);
        var camera = new Camera(new CameraOptions { Source = "mqtt:frames/+" }, _ => new FakeSource(), new PendingShots(clock), new FrameLimits(new()), health, meter, clock, NullLogger<Camera>.Instance);
        MqttFrames.Subscribe(link, [camera], new TriggerService(outbox, meter), NullLogger.Instance);
        var image = new MqttMessage("frames/a", new byte[] { 1 });

        link.Receive(image with { Retain = true });
        Assert.Equal(0, outbox.Verdicts.LastSeq(camera.Options.Name));
        link.Receive(image);
        Assert.Equal(1, outbox.Verdicts.LastSeq(camera.Options.Name));
    }
}
