namespace MrfAd.Station.Mqtt;

/// <summary>Why a message did not reach the broker, which decides what the caller does next.</summary>
public enum MqttFailure
{
    /// <summary>The message was not sent.</summary>
    NotConnected,

    /// <summary>The message was sent but not acknowledged; it may have arrived.</summary>
    Lost,

    /// <summary>The broker, or MQTT itself, refuses this message; sending it again does not help.</summary>
    Refused,
}
