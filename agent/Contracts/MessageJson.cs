using System.Text.Json;
using System.Text.Json.Serialization;

namespace MrfAd.Contracts;

/// <summary>Serialises the messages of contract v1 as JSON: snake_case names, every field written (null where it does not apply), unknown fields refused.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Strict,
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(VerdictMessage))]
[JsonSerializable(typeof(PartMessage))]
[JsonSerializable(typeof(StationStateMessage))]
[JsonSerializable(typeof(StatusMessage))]
[JsonSerializable(typeof(TriggerCommand))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(CommandReply))]
[JsonSerializable(typeof(SignedCommand))]
[JsonSerializable(typeof(OutboxStatusMessage))]
[JsonSerializable(typeof(ReplayCommand))]
[JsonSerializable(typeof(ReplayResult))]
[JsonSerializable(typeof(ThresholdCommand))]
[JsonSerializable(typeof(ThresholdResult))]
[JsonSerializable(typeof(RegionsCommand))]
[JsonSerializable(typeof(RegionsResult))]
[JsonSerializable(typeof(CollectCommand))]
[JsonSerializable(typeof(CollectResult))]
[JsonSerializable(typeof(ProductCommand))]
[JsonSerializable(typeof(ProductResult))]
[JsonSerializable(typeof(SnapshotCommand))]
[JsonSerializable(typeof(SnapshotResult))]
[JsonSerializable(typeof(ModelManifest))]
[JsonSerializable(typeof(SignedManifest))]
[JsonSerializable(typeof(ChunkRequest))]
[JsonSerializable(typeof(BankMessage))]
[JsonSerializable(typeof(BankOutcome))]
[JsonSerializable(typeof(OfferRefusal))]
[JsonSerializable(typeof(FetchCommand))]
[JsonSerializable(typeof(DetectorCommand))]
[JsonSerializable(typeof(TeachCommand))]
[JsonSerializable(typeof(CorrectionPreview))]
[JsonSerializable(typeof(SelfTestMessage))]
public sealed partial class MessageJson : JsonSerializerContext;
