namespace MrfAd.Station.Mqtt;

/// <summary>How a connection to the broker ended.</summary>
public enum ConnectionEndKind
{
    /// <summary>The broker could not be reached, or did not accept the connection.</summary>
    NotConnected,

    /// <summary>The connection was cut, or the broker fell silent, or said why it disconnects.</summary>
    Lost,

    /// <summary>The connection was closed without a word: all that MQTT 3.1.1 offers, and what some brokers do under MQTT 5.</summary>
    Closed,

    /// <summary>The broker said that another client has connected with the same client id (reason code 0x8E of MQTT 5).</summary>
    TakenOver,
}
