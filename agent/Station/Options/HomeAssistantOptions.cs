namespace MrfAd.Station.Options;

/// <summary>The options of Home Assistant's MQTT discovery.</summary>
public sealed record HomeAssistantOptions
{
    /// <summary>Announces the station; while it is false, earlier announcements are taken back.</summary>
    public bool Enabled { get; init; }

    /// <summary>The discovery prefix that Home Assistant is set to.</summary>
    public string Prefix { get; init; } = "homeassistant";
}
