namespace MrfAd.Station.Mqtt;

/// <summary>A message that waits for its turn to be sent.</summary>
/// <param name="InFlight">The places of the connection for which the message was given; on another one it is not sent.</param>
/// <param name="Cancellation">Whoever gave the message waits no more.</param>
public sealed record PendingSend(MqttMessage Message, SemaphoreSlim InFlight, CancellationToken Cancellation)
{
    /// <summary>Ends as the sending ends: acknowledged, failed or cancelled.</summary>
    public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
