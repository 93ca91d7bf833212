using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using MrfAd.Agent.Health;
using MrfAd.Agent.Mqtt;

namespace MrfAd.Agent.Reporting;

/// <summary>
/// What waits for the broker, in memory, in order. Each item is sent until it is acknowledged or refused; where more wait than there is room
/// for, the oldest is dropped and counted.
/// </summary>
/// <param name="what">"verdict" or "picture", for the log.</param>
/// <param name="message">Makes an item's message; the flag says that it did not go out when it was new.</param>
public sealed partial class Outgoing<T>(
    string what, int capacity, Func<T, bool, MqttMessage> message, IMqttLink link, BrokerConnection broker, MrfAdMeter meter, TimeProvider clock, ILogger log)
{
    // After a failure; a lost connection is waited for besides.
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly Channel<Item> _items = Channel.CreateUnbounded<Item>(new() { SingleWriter = true });
    private bool _overflows;

    /// <summary>How many wait.</summary>
    public int Count => _items.Reader.Count;

    /// <param name="after">What must be done before: a picture follows its verdict.</param>
    /// <returns>Completes when the item has left, or never will.</returns>
    public Task Add(T content, Task after)
    {
        var item = new Item(content, after, !broker.IsConnected);
        _items.Writer.TryWrite(item);
        MakeRoom();
        return item.Gone.Task;
    }

    /// <summary>No more will come; <see cref="RunAsync"/> ends when all is sent.</summary>
    public void Complete() => _items.Writer.TryComplete();

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await foreach (var item in _items.Reader.ReadAllAsync(cancellationToken))
        {
            await item.After.WaitAsync(cancellationToken);
            await SendAsync(item, cancellationToken);
            item.Gone.SetResult();
        }
    }

    private void MakeRoom()
    {
        if (_items.Reader.Count <= capacity || !_items.Reader.TryRead(out var dropped))
        {
            _overflows = false;
            return;
        }

        dropped.Gone.SetResult();
        meter.PublishFailed("dropped");
        if (!_overflows)
            LogOverflow(what, capacity);
        _overflows = true;
    }

    private async Task SendAsync(Item item, CancellationToken cancellationToken)
    {
        for (var late = item.Late; ; late = true)
        {
            await broker.WaitAsync(cancellationToken);
            var next = message(item.Content, late);
            try
            {
                await link.PublishAsync(next, cancellationToken);
                return;
            }
            catch (MqttLinkException e)
            {
                meter.PublishFailed(MetricLabel.Of(e.Failure));
                LogFailed(e.Message);
                if (e.Failure == MqttFailure.Refused)
                    return;
                await Task.Delay(RetryDelay, clock, cancellationToken);
            }
        }
    }

    [LoggerMessage(301, LogLevel.Warning, "{Why}")]
    private partial void LogFailed(string why);

    [LoggerMessage(302, LogLevel.Error, "{Capacity} {What}s wait for the broker; from now on the oldest are dropped")]
    private partial void LogOverflow(string what, int capacity);

    private sealed record Item(T Content, Task After, bool Late)
    {
        public TaskCompletionSource Gone { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
