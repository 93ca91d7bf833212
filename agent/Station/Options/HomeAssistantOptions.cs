namespace MrfAd.Station.Options;

/// <summary>Lets Home Assistant find the station (its MQTT discovery). Turned off, what was announced is taken back.</summary>
public sealed record HomeAssistantOptions
{
    public bool Enabled { get; init; }

    /// <summary>The discovery prefix that Home Assistant is set to.</summary>
    public string Prefix { get; init; } = "homeassistant";
}
