namespace MrfAd.Station.Mqtt;

/// <summary>Why a message did not reach the broker, which decides what the caller does next.</summary>
public enum MqttFailure
{
    /// <summary>The message was not sent.</summary>
    NotConnected,

    /// <summary>The message was sent but not acknowledged; it may have arrived.</summary>
    Lost,

    /// <summary>The broker, or MQTT itself, can never accept this message: its packet is too large, or its topic or payload is invalid. Sending it again does not help.</summary>
    Refused,

    /// <summary>The broker's access rules do not allow this topic. It may be accepted once they are changed.</summary>
    Denied,

    /// <summary>A quota of the broker is exceeded. It may be accepted later.</summary>
    QuotaExceeded,

    /// <summary>The broker refused the message because of an error or a rule of its own that has no reason code. It may be accepted later.</summary>
    BrokerError,
}
