using System.Text.Json;
using System.Text.Json.Serialization;

namespace MrfAd.Station.Outbox;

/// <summary>Serialises the JSON inside the outbox's records. Field names are stored on disk and must not change.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.General, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(MessageHeaders))]
[JsonSerializable(typeof(TriggerEntry))]
[JsonSerializable(typeof(Checkpoint))]
public sealed partial class OutboxJson : JsonSerializerContext;
