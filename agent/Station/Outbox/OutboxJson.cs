using System.Text.Json;
using System.Text.Json.Serialization;

namespace MrfAd.Station.Outbox;

/// <summary>JSON inside the records.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.General, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(Label))]
[JsonSerializable(typeof(TriggerEntry))]
[JsonSerializable(typeof(Checkpoint))]
public sealed partial class OutboxJson : JsonSerializerContext;
