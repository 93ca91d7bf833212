using MrfAd.Contracts;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Reporting;

/// <summary>Tells the broker that the station is there, how it is and what waits in its outbox, from its start to its last message.</summary>
public sealed class PresencePublisher(BrokerConnection broker, StatePublisher state, OutboxPublisher outbox, StationMessages messages, StationHealth health, TimeProvider clock)
{
    /// <summary>Time for the last messages: systemd kills after 90 s, and the shutdown as a whole has 30 s.</summary>
    public static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Publishes each change until cancelled.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(state.RunAsync(cancellationToken), outbox.RunAsync(cancellationToken));

    /// <summary>Begins to connect.</summary>
    public void Connect() => broker.Link.Start();

    /// <summary>Publishes the last state and "offline", and disconnects.</summary>
    public async Task DisconnectAsync()
    {
        using var timeout = new CancellationTokenSource(ShutdownTimeout, clock);
        var now = health.Current;
        var failed = now.State == StationState.Error;
        try
        {
            // A station that fails while it starts, before it is connected, says so all the same.
            if (failed)
                await broker.WaitAsync(timeout.Token);
            await state.PublishAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            // A broker that does not answer publishes the last will.
        }

        await broker.Link.StopAsync(messages.Offline(failed ? now.Reason! : "stopped", clock.GetUtcNow()), timeout.Token);
    }
}
