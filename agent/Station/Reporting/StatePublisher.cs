using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using MrfAd.Contracts;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Reporting;

/// <summary>Keeps the two retained messages true: <c>status</c> (online) after each connect, <c>state</c> after each change.</summary>
public sealed partial class StatePublisher(
    IMqttLink link, BrokerConnection broker, StationMessages messages, StationHealth health, MrfAdMeter meter, TimeProvider clock, ILogger<StatePublisher> log)
{
    // Cameras may count at the line's rate; a message a second tells it.
    private static readonly TimeSpan CountsEvery = TimeSpan.FromSeconds(1);

    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private int _reconnected;
    private HealthReport? _told;

    /// <summary>Publishes until cancelled; what fails is said again after the next connect.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        broker.Connected += OnConnected;
        health.Changed += OnChanged;
        await using var counts = clock.CreateTimer(_ => TellCounts(), null, CountsEvery, CountsEvery);
        try
        {
            await foreach (var _ in _news.Reader.ReadAllAsync(cancellationToken))
                await PublishAsync(cancellationToken);
        }
        finally
        {
            broker.Connected -= OnConnected;
            health.Changed -= OnChanged;
        }
    }

    /// <summary>Publishes the state as it is now.</summary>
    public async Task PublishAsync(CancellationToken cancellationToken)
    {
        var now = health.Current;
        if ((_told?.State, _told?.Reason) != (now.State, now.Reason))
            LogState(now.State, now.Reason ?? "");
        _told = now;
        if (!broker.IsConnected)
            return;
        try
        {
            if (Interlocked.Exchange(ref _reconnected, 0) == 1)
                await link.PublishAsync(messages.Online(clock.GetUtcNow()), cancellationToken);
            await link.PublishAsync(messages.State(now), cancellationToken);
        }
        catch (MqttLinkException e)
        {
            meter.PublishFailed(MetricLabel.Of(e.Failure));
            LogFailed(e.Message);
        }
    }

    private void OnConnected()
    {
        Interlocked.Exchange(ref _reconnected, 1);
        OnChanged();
    }

    private void TellCounts()
    {
        if (_told is { } told && !told.Cameras.SequenceEqual(health.Current.Cameras))
            OnChanged();
    }

    private void OnChanged() => _news.Writer.TryWrite(true);

    [LoggerMessage(311, LogLevel.Information, "{State} {Reason}")]
    private partial void LogState(StationState state, string reason);

    [LoggerMessage(312, LogLevel.Warning, "The state was not published: {Why}")]
    private partial void LogFailed(string why);
}
