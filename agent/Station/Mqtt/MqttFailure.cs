namespace MrfAd.Station.Mqtt;

/// <summary>Why a message did not reach the broker, for who decides what to do next.</summary>
public enum MqttFailure
{
    /// <summary>It was not sent.</summary>
    NotConnected,

    /// <summary>It was sent and not acknowledged: it may have arrived.</summary>
    Lost,

    /// <summary>The broker, or MQTT itself, does not take this message; sending it again does not help.</summary>
    Refused,
}
