using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using MrfAd.Contracts;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Reporting;

/// <summary>Publishes two retained messages: <c>status</c> (online) after each connect, and <c>state</c> after each change. One that the broker refuses is published again when its topic is due for a retry.</summary>
public sealed partial class StatePublisher(
    BrokerConnection broker, StationMessages messages, StationHealth health, MrfAdMeter meter, TimeProvider clock, ILogger<StatePublisher> log)
{
    // The cameras' counters may change at the rate of the line; they are published once a second.
    private static readonly TimeSpan CountsInterval = TimeSpan.FromSeconds(1);

    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private int _mustSayOnline;
    private volatile bool _stateRefused;
    private HealthReport? _last;

    /// <summary>Publishes until cancelled; a message that is lost is published again after the next connect.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        broker.Connected += OnConnected;
        broker.RetryDue += OnRetryDue;
        health.Changed += OnChanged;
        await using var counts = clock.CreateTimer(_ => CheckCounts(), null, CountsInterval, CountsInterval);
        try
        {
            await foreach (var _ in _changes.Reader.ReadAllAsync(cancellationToken))
                await PublishAsync(cancellationToken);
        }
        finally
        {
            broker.Connected -= OnConnected;
            broker.RetryDue -= OnRetryDue;
            health.Changed -= OnChanged;
        }
    }

    /// <summary>Publishes the current state.</summary>
    public async Task PublishAsync(CancellationToken cancellationToken)
    {
        var now = health.Current;
        if ((_last?.State, _last?.Reason) != (now.State, now.Reason))
            LogState(now.State, now.Reason ?? "");
        _last = now;
        if (!broker.IsConnected)
            return;
        // Each for itself: the broker may refuse one of the two.
        if (Interlocked.Exchange(ref _mustSayOnline, 0) == 1 && !await TryPublishAsync(messages.Online(clock.GetUtcNow()), cancellationToken))
            Interlocked.Exchange(ref _mustSayOnline, 1);
        _stateRefused = !await TryPublishAsync(messages.State(now), cancellationToken);
    }

    /// <returns>False where the broker refuses the message for now.</returns>
    private async Task<bool> TryPublishAsync(MqttMessage message, CancellationToken cancellationToken)
    {
        try
        {
            await broker.Link.PublishAsync(message, cancellationToken);
            return true;
        }
        catch (MqttLinkException e)
        {
            meter.PublishFailed(MetricLabel.Of(e.Failure));
            LogFailed(e.Message);
            return !e.MayPass;
        }
    }

    private void OnConnected()
    {
        Interlocked.Exchange(ref _mustSayOnline, 1);
        OnChanged();
    }

    private void OnRetryDue()
    {
        if (_stateRefused || Volatile.Read(ref _mustSayOnline) == 1)
            OnChanged();
    }

    private void CheckCounts()
    {
        if (_last is { } last && !last.Cameras.SequenceEqual(health.Current.Cameras))
            OnChanged();
    }

    private void OnChanged() => _changes.Writer.TryWrite(true);

    [LoggerMessage(311, LogLevel.Information, "{State} {Reason}")]
    private partial void LogState(StationState state, string reason);

    [LoggerMessage(312, LogLevel.Warning, "The state was not published: {Why}")]
    private partial void LogFailed(string why);
}
