namespace MrfAd.Station.Options;

/// <summary>Which MQTT is spoken.</summary>
public enum MqttProtocol
{
    Mqtt5,

    /// <summary>3.1.1 has no properties (content type, response topic, expiry, ids beside pictures) and no reason for a refused message.</summary>
    Mqtt311,
}
