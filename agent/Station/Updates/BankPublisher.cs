using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using MrfAd.Contracts;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Updates;

/// <summary>Publishes the retained message <c>bank</c> after each change and each connect, and again where the broker has refused it.</summary>
public sealed partial class BankPublisher(
    BankStatus status, StationBank bank, IMqttLink link, BrokerConnection broker, StationTopics topics, MrfAdMeter meter, TimeProvider clock, ILogger<BankPublisher> log)
{
    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private volatile bool _isRefused;

    /// <summary>Returns the current message.</summary>
    public BankMessage Message()
    {
        var banks = bank.Store.Banks;
        return new BankMessage
        {
            Station = topics.Station,
            Cameras = bank.Cameras,
            Product = bank.Product,
            Current = bank.Current?.ToMessage(),
            Previous = banks.Previous?.ToMessage(),
            Update = status.Update,
            Last = banks.Last,
            At = clock.GetUtcNow(),
        };
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        void Signal() => _changes.Writer.TryWrite(true);
        void OnRetryDue()
        {
            if (_isRefused)
                Signal();
        }

        broker.Connected += Signal;
        broker.RetryDue += OnRetryDue;
        status.Changed += Signal;
        Signal();
        try
        {
            await foreach (var _ in _changes.Reader.ReadAllAsync(cancellationToken))
                await PublishAsync(cancellationToken);
        }
        finally
        {
            broker.Connected -= Signal;
            broker.RetryDue -= OnRetryDue;
            status.Changed -= Signal;
        }
    }

    private async Task PublishAsync(CancellationToken cancellationToken)
    {
        if (!broker.IsConnected)
            return;
        try
        {
            var message = JsonSerializer.SerializeToUtf8Bytes(Message(), MessageJson.Default.BankMessage);
            await link.PublishAsync(new MqttMessage(topics.Bank, message) { Retain = true, ContentType = "application/json" }, cancellationToken);
            _isRefused = false;
        }
        catch (MqttLinkException e)
        {
            _isRefused = e.MayPass;
            meter.PublishFailed(MetricLabel.Of(e.Failure));
            LogFailed(e.Message);
        }
    }

    [LoggerMessage(721, LogLevel.Warning, "The message about the bank was not published: {Why}")]
    private partial void LogFailed(string why);
}
