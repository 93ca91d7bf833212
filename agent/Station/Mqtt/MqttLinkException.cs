using MrfAd.Platform;

namespace MrfAd.Station.Mqtt;

/// <summary>A message did not reach the broker, or the connection failed; the text says why.</summary>
public sealed class MqttLinkException(MqttFailure failure, string message, Exception? inner = null) : MrfAdException(message, inner)
{
    public MqttFailure Failure { get; } = failure;

    /// <summary>True where the broker, or MQTT itself, refused the message while the connection holds.</summary>
    public bool IsRefusal => Failure == MqttFailure.Refused || MayPass;

    /// <summary>True where the broker refused the message for now: it may accept the same one later.</summary>
    public bool MayPass => Failure is MqttFailure.Denied or MqttFailure.QuotaExceeded or MqttFailure.BrokerError;
}
