using System.Threading.Channels;

namespace MrfAd.Station.Mqtt;

/// <summary>Messages leave in the order in which they were given, and no more wait for acknowledgement than the broker allows.</summary>
/// <param name="send">Sends one message; completes when the broker has acknowledged it.</param>
public sealed class MessageSender(Func<MqttMessage, CancellationToken, Task> send) : IDisposable
{
    private readonly Channel<PendingSend> _pending = Channel.CreateUnbounded<PendingSend>(new() { SingleReader = true });
    private volatile SemaphoreSlim _inFlight = new(ushort.MaxValue);

    /// <summary>A new connection begins: what was given for the one before it and waits still fails.</summary>
    /// <param name="max">How many messages may wait for the broker's acknowledgement.</param>
    public void BeginConnection(ushort max) => _inFlight = new SemaphoreSlim(max);

    /// <summary>Completes when the broker has acknowledged the message.</summary>
    /// <exception cref="MqttLinkException">The connection was lost before that, or the broker refused the message.</exception>
    public Task SendAsync(MqttMessage message, CancellationToken cancellationToken)
    {
        var pending = new PendingSend(message, _inFlight, cancellationToken);
        return _pending.Writer.TryWrite(pending) ? pending.Done.Task.WaitAsync(cancellationToken) : throw ConnectionLost();
    }

    /// <summary>Sends one after the other until <see cref="Dispose"/>, and what was given before that.</summary>
    public async Task RunAsync()
    {
        await foreach (var pending in _pending.Reader.ReadAllAsync())
            await BeginAsync(pending);
    }

    /// <summary>No more messages are taken; those that were given are still sent, or fail.</summary>
    public void Dispose() => _pending.Writer.TryComplete();

    /// <summary>Completes when the next message may follow.</summary>
    private async Task BeginAsync(PendingSend pending)
    {
        try
        {
            await pending.InFlight.WaitAsync(pending.Cancellation);
        }
        catch (OperationCanceledException)
        {
            // Whoever gave the message waits no more.
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
