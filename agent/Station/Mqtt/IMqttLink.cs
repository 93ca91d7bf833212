namespace MrfAd.Station.Mqtt;

/// <summary>
/// A connection to one broker that is kept up for ever: connects in the background, reconnects with jittered backoff,
/// subscribes again after each connect. Its contract is tested against a real broker; tests of other rooms put a broker in memory in its place.
/// </summary>
public interface IMqttLink : IAsyncDisposable
{
    /// <summary>The broker has accepted us and answered our subscriptions.</summary>
    bool IsConnected { get; }

    /// <summary>Bytes of the largest packet that the broker takes, as it said when it accepted us; <see cref="long.MaxValue"/> where it said nothing.</summary>
    long MaximumPacketBytes { get; }

    /// <summary>Raised after each connect (null) and each loss or refusal (the reason, one sentence); in order, off the network thread.</summary>
    event Action<string?>? ConnectionChanged;

    /// <summary>Begins to connect. Returns at once, also where no broker is there yet.</summary>
    void Start();

    /// <summary>
    /// Completes when the broker has acknowledged (QoS 1) or the message was written to the socket (QoS 0). Never queues for later;
    /// where the broker limits how many wait for its acknowledgement, waits for a place.
    /// </summary>
    /// <exception cref="MqttLinkException">No connection, connection lost before the acknowledgement, or refused by the broker.</exception>
    Task PublishAsync(MqttMessage message, CancellationToken cancellationToken);

    /// <summary>
    /// Messages that match the filter (QoS 1) go to the handler, one at a time, in order, off the network thread. A handler
    /// that throws is logged; one that stops the link waits for itself. Call before <see cref="Start"/>; the filters of one link do not overlap.
    /// </summary>
    /// <param name="accept">
    /// Runs before the message is acknowledged, on the network thread: what must not be lost is on disk when it returns. It must be quick and must not
    /// wait for a publish. False: it has been dealt with, the handler does not get it. Where it throws, the message is not acknowledged: a broker that keeps
    /// our session sends it again after the next connect.
    /// </param>
    void Subscribe(string filter, Func<MqttMessage, CancellationToken, Task> handler, Func<MqttMessage, bool>? accept = null);

    /// <summary>Publishes <paramref name="farewell"/>, then disconnects cleanly, so that the broker sends no will. If the farewell fails, the will goes out.</summary>
    Task StopAsync(MqttMessage? farewell, CancellationToken cancellationToken);
}
