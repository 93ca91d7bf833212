namespace MrfAd.Station.Mqtt;

/// <summary>
/// A permanent connection to one broker: it connects in the background, reconnects with jittered backoff and subscribes again after each
/// connect. It is tested against a real broker; the tests of other modules use a broker in memory instead.
/// </summary>
public interface IMqttLink : IAsyncDisposable
{
    /// <summary>True while the broker has accepted the connection and answered the subscriptions.</summary>
    bool IsConnected { get; }

    /// <summary>The number of the newest connection; 0 before the first.</summary>
    long ConnectionNumber { get; }

    /// <summary>Size in bytes of the largest packet that the broker accepts, as given by its CONNACK; <see cref="long.MaxValue"/> where it gave none.</summary>
    long MaximumPacketBytes { get; }

    /// <summary>Raised after each connect, with null, and after each loss or refusal, with the reason in one sentence. Raised in order, not on the network thread.</summary>
    event Action<string?>? ConnectionChanged;

    /// <summary>Raised after each change of the link's problems, with all of them. Raised in order with <see cref="ConnectionChanged"/>, not on the network thread.</summary>
    event Action<LinkProblems>? ProblemsChanged;

    /// <summary>
    /// Raised at growing intervals while the broker refuses any topic: a retained message that was refused is to be published again. Subscriptions that were
    /// refused are tried again before that.
    /// </summary>
    event Action? RetryDue;

    /// <summary>Starts to connect. Returns at once, even where the broker cannot be reached yet.</summary>
    void Start();

    /// <summary>
    /// Publishes a message. Completes when the broker has acknowledged it (QoS 1) or it was written to the socket (QoS 0). It is never queued for a later
    /// connection; where the broker limits the number of unacknowledged messages (receive maximum), this waits for one of them.
    /// </summary>
    /// <exception cref="MqttLinkException">There is no connection, it was lost before the acknowledgement, or the broker refused the message, for now or for good.</exception>
    Task PublishAsync(MqttMessage message, CancellationToken cancellationToken);

    /// <summary>
    /// Subscribes with QoS 1. Messages that match the filter go to the handler, one at a time, in order, not on the network thread. A handler that
    /// throws is logged; one that stops the link would wait for itself. To be called before <see cref="Start"/>; the filters of one link must not overlap.
    /// </summary>
    /// <param name="accept">
    /// Called before the message is acknowledged, on the network thread: what must not be lost must be on disk when it returns. It must be quick and must not
    /// wait for a publish. It returns false where the handler is not to get the message. Where it throws, the message is not acknowledged: a broker that keeps
    /// the session sends it again after the next connect.
    /// </param>
    /// <param name="isOptional">True where it is no problem if the broker refuses the subscription: then it is neither reported nor tried again on this connection.</param>
    void Subscribe(string filter, Func<MqttMessage, CancellationToken, Task> handler, Func<MqttMessage, bool>? accept = null, bool isOptional = false);

    /// <summary>Publishes <paramref name="lastMessage"/>, then disconnects cleanly, so that the broker does not publish the will. If that fails, it publishes the will.</summary>
    Task StopAsync(MqttMessage? lastMessage, CancellationToken cancellationToken);
}
