using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Station.Outbox;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Reporting;

/// <summary>Keeps the retained <c>outbox</c> message true: after each connect, soon after something was dropped or the disk's state changed, and when all has gone that it said was waiting.</summary>
public sealed class OutboxPublisher(IMqttLink link, BrokerConnection broker, StationMessages messages, StationOutbox outbox, MrfAdMeter meter, TimeProvider clock)
{
    // What waits changes with every verdict: that alone is no news.
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);

    private (long, long, string?)? _told;
    private bool _toldOfWaiting;

    /// <summary>Until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        void Forget() => _told = null;
        broker.Connected += Forget;
        try
        {
            using var timer = new PeriodicTimer(Pace, clock);
            do
                await PublishAsync(cancellationToken);
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        finally
        {
            broker.Connected -= Forget;
        }
    }

    private async Task PublishAsync(CancellationToken cancellationToken)
    {
        var news = (outbox.Verdicts.DroppedEver, outbox.Pictures.DroppedEver, outbox.Verdicts.Trouble ?? outbox.Pictures.Trouble);
        var waits = outbox.Verdicts.Waiting + outbox.Pictures.Waiting > 0;
        if ((news == _told && (waits || !_toldOfWaiting)) || !broker.IsConnected)
            return;
        try
        {
            await link.PublishAsync(messages.Outbox(outbox), cancellationToken);
            (_told, _toldOfWaiting) = (news, waits);
        }
        catch (MqttLinkException e)
        {
            // It is told with the next tick.
            meter.PublishFailed(MetricLabel.Of(e.Failure));
        }
    }
}
