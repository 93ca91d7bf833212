namespace MrfAd.Station.Options;

/// <summary>The versions of MQTT.</summary>
public enum MqttProtocol
{
    /// <summary>MQTT 5.</summary>
    Mqtt5,

    /// <summary>MQTT 3.1.1, which has no properties (content type, response topic, expiry, ids beside pictures) and no reason for a refused message.</summary>
    Mqtt311,
}
