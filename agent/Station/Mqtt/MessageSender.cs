using System.Threading.Channels;

namespace MrfAd.Station.Mqtt;

/// <summary>Sends messages in the order in which they were added, with no more unacknowledged ones than the broker allows (receive maximum).</summary>
/// <param name="send">Sends one message; completes when the broker has acknowledged it.</param>
public sealed class MessageSender(Func<MqttMessage, CancellationToken, Task> send) : IDisposable
{
    private readonly Channel<PendingSend> _pending = Channel.CreateUnbounded<PendingSend>(new() { SingleReader = true });
    private volatile SemaphoreSlim _inFlight = new(ushort.MaxValue);
    private long _connectionNumber;

    /// <summary>The number of the newest connection; 0 before the first.</summary>
    public long ConnectionNumber => Volatile.Read(ref _connectionNumber);

    /// <summary>Reports a new connection: messages that still wait for an earlier one fail.</summary>
    /// <param name="max">Maximum number of messages that may wait for the broker's acknowledgement.</param>
    public void BeginConnection(ushort max)
    {
        // In this order: whoever finds the new semaphore finds the new number.
        Volatile.Write(ref _connectionNumber, _connectionNumber + 1);
        _inFlight = new SemaphoreSlim(max);
    }

    /// <summary>Sends a message; completes when the broker has acknowledged it.</summary>
    /// <exception cref="MqttLinkException">The connection was lost before that, or is another than the message's, or the broker refused the message.</exception>
    public Task SendAsync(MqttMessage message, CancellationToken cancellationToken)
    {
        var pending = new PendingSend(message, _inFlight, cancellationToken);
        return (message.ConnectionNumber ?? ConnectionNumber) == ConnectionNumber && _pending.Writer.TryWrite(pending) ? pending.Done.Task.WaitAsync(cancellationToken) : throw ConnectionLost();
    }

    /// <summary>Sends the messages one after the other until <see cref="Dispose"/>, those added before it included.</summary>
    public async Task RunAsync()
    {
        await foreach (var pending in _pending.Reader.ReadAllAsync())
            await BeginAsync(pending);
    }

    /// <summary>Accepts no more messages; those that were added are still sent, or fail.</summary>
    public void Dispose() => _pending.Writer.TryComplete();

    /// <summary>Starts to send a message; completes when the next one may follow.</summary>
    private async Task BeginAsync(PendingSend pending)
    {
        try
        {
            await pending.InFlight.WaitAsync(pending.Cancellation);
        }
        catch (OperationCanceledException)
        {
            // The caller has cancelled the message.
            return;
        }

        _ = EndAsync(pending);
    }

    private async Task EndAsync(PendingSend pending)
    {
        var sent = SendAsync(pending);
        await sent.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        pending.InFlight.Release();
        pending.Done.TrySetFromTask(sent);
    }

    private async Task SendAsync(PendingSend pending)
    {
        if (pending.InFlight != _inFlight)
            throw ConnectionLost();
        await send(pending.Message, pending.Cancellation);
    }

    private static MqttLinkException ConnectionLost() => new(MqttFailure.NotConnected, "the connection was lost");
}
