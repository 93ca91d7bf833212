using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Station.Outbox;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Reporting;

/// <summary>Publishes the retained <c>outbox</c> message: after each connect, within a second after something was dropped or the disk's state changed, and when all messages are sent that it reported as waiting.</summary>
public sealed class OutboxPublisher(BrokerConnection broker, StationMessages messages, StationOutbox outbox, MrfAdMeter meter, TimeProvider clock)
{
    // The number of waiting messages changes with every verdict: that alone is not published.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private (long, long, long, string?)? _published;
    private int _reconnected;
    private bool _publishedWaiting;
    private volatile bool _isRefused;

    /// <summary>Publishes changes until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        void OnConnected()
        {
            Interlocked.Exchange(ref _reconnected, 1);
            _isRefused = false;
        }

        void OnRetryDue() => _isRefused = false;
        broker.Connected += OnConnected;
        broker.RetryDue += OnRetryDue;
        try
        {
            using var timer = new PeriodicTimer(Interval, clock);
            do
                await PublishAsync(cancellationToken);
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        finally
        {
            broker.Connected -= OnConnected;
            broker.RetryDue -= OnRetryDue;
        }
    }

    private async Task PublishAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _reconnected, 0) == 1)
            _published = null;
        var changes = (outbox.Verdicts.TotalDropped, outbox.Parts.TotalDropped, outbox.Pictures.TotalDropped, outbox.Verdicts.Error ?? outbox.Pictures.Error);
        var waits = outbox.Verdicts.Waiting + outbox.Parts.Waiting + outbox.Pictures.Waiting > 0;
        if ((changes == _published && (waits || !_publishedWaiting)) || _isRefused || !broker.IsConnected)
            return;
        try
        {
            await broker.Link.PublishAsync(messages.Outbox(outbox), cancellationToken);
            (_published, _publishedWaiting) = (changes, waits);
        }
        catch (MqttLinkException e)
        {
            // It is published with the next tick, or, where the broker refuses it, when its topic is due for a retry.
            _isRefused = e.IsRefusal;
            meter.PublishFailed(MetricLabel.Of(e.Failure));
        }
    }
}
