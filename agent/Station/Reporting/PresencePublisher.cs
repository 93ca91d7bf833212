using MrfAd.Contracts;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Reporting;

/// <summary>Publishes the presence of the station, its state and the state of its outbox, from the connection to the last message.</summary>
public sealed class PresencePublisher(BrokerConnection broker, StatePublisher state, OutboxPublisher outbox, StationMessages messages, StationHealth health, TimeProvider clock)
{
    /// <summary>Maximum time for the last messages: systemd kills the process after 90 s, and the shutdown as a whole has 30 s.</summary>
    public static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Publishes each change until cancelled.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(state.RunAsync(cancellationToken), outbox.RunAsync(cancellationToken));

    /// <summary>Starts to connect to the broker, in the background.</summary>
    public void Connect() => broker.Link.Start();

    /// <summary>Publishes the last state and "offline", and disconnects.</summary>
    public async Task DisconnectAsync()
    {
        using var timeout = new CancellationTokenSource(ShutdownTimeout, clock);
        var now = health.Current;
        var failed = now.State == StationState.Error;
        try
        {
            // A station that fails at its start, before it is connected, still publishes why.
            if (failed)
                await broker.WaitAsync(timeout.Token);
            await state.PublishAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            // The broker does not answer in time; it will publish the last will.
        }

        await broker.Link.StopAsync(messages.Offline(failed ? now.Reason! : "stopped", clock.GetUtcNow()), timeout.Token);
    }
}
