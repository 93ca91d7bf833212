using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using MrfAd.Station.Capture;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Station.Outbox;
using MrfAd.Station.Reporting;
using MrfAd.Station.Results;
using MrfAd.Station.Runtime;
using MrfAd.Station.Tests.Capture;
using MrfAd.Station.Triggers;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Triggers;

public sealed class TriggerServiceTests
{
    [Fact]
    public async Task An_id_that_comes_over_two_ways_at_once_is_one_trigger()
    {
        const int Ids = 200, Ways = 4;
        var (clock, health) = (TimeProvider.System, new StationHealth(TimeProvider.System));
        using var folder = new TemporaryFolder();
        using var meter = new MrfAdMeter("0");
        await using var link = new MemoryBroker().Connect();
        using var store = new ResultsStore(folder.Path, clock);
        using var outbox = new StationOutbox(store, new OutboxOptions(), StationMessages.Write, new BrokerConnection(link, health), health, meter, clock, NullLogger<StationOutbox>.Instance);
        var camera = new Camera(new CameraOptions(), _ => new FakeSource(), new PendingShots(clock), new FrameLimits(new()), health, meter, clock, NullLogger<Camera>.Instance);
        var triggers = new TriggerService(outbox, meter);
        using var together = new Barrier(Ways);
        var taken = new int[Ids];

        await Task.WhenAll(Enumerable.Range(0, Ways).Select(_ => Task.Factory.StartNew(Send, TaskCreationOptions.LongRunning)));

        Assert.All(taken, count => Assert.Equal(1, count));

        void Send()
        {
            for (var id = 0; id < Ids; id++)
            {
                together.SignalAndWait();
                if (triggers.Fire(camera, id.ToString(CultureInfo.InvariantCulture), "http", sent: null, out var _) is not null)
                    Interlocked.Increment(ref taken[id]);
            }
        }
    }
}
