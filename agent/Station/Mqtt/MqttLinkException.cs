using MrfAd.Platform;

namespace MrfAd.Station.Mqtt;

/// <summary>A message did not reach the broker, or the connection failed; the text says why.</summary>
public sealed class MqttLinkException(MqttFailure failure, string message, Exception? inner = null) : MrfAdException(message, inner)
{
    public MqttFailure Failure { get; } = failure;
}
