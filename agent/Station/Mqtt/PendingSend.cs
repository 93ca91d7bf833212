namespace MrfAd.Station.Mqtt;

/// <summary>A message that waits for its turn to be sent.</summary>
/// <param name="InFlight">The semaphore of unacknowledged messages of the connection for which the message was added; on another connection it is not sent.</param>
/// <param name="Cancellation">Cancelled when the caller no longer waits for the message.</param>
public sealed record PendingSend(MqttMessage Message, SemaphoreSlim InFlight, CancellationToken Cancellation)
{
    /// <summary>Completes with the result of sending: acknowledged, failed or cancelled.</summary>
    public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
