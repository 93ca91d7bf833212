using System.Text.Json.Serialization;

namespace MrfAd.Station.Options;

/// <summary>Kinds of commands over MQTT, by what whoever sends one can do with it.</summary>
public enum CommandKind
{
    /// <summary>It asks for an inspection. A PLC sends it, which cannot sign.</summary>
    [JsonStringEnumMemberName("trigger")] Trigger,

    /// <summary>It asks for what is known, or repeats what was published.</summary>
    [JsonStringEnumMemberName("read")] Read,

    /// <summary>It changes how parts are judged.</summary>
    [JsonStringEnumMemberName("change")] Change,
}
