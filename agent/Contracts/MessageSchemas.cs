using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;

namespace MrfAd.Contracts;

/// <summary>The JSON Schemas (2020-12) of the messages, generated from the message types. A test compares them with the files in <c>schemas</c>.</summary>
public static class MessageSchemas
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonSchemaExporterOptions Exporter = new()
    {
        TreatNullObliviousAsNonNullable = true,
        TransformSchemaNode = Annotate,
    };

    /// <summary>The text of each schema, by the name in its file name: "verdict" for <c>verdict.schema.json</c>.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new SortedDictionary<string, string>(StringComparer.Ordinal)
    {
        ["verdict"] = Text(Judged(Export(MessageJson.Default.VerdictMessage))),
        ["part"] = Text(Export(MessageJson.Default.PartMessage)),
        ["state"] = Text(Export(MessageJson.Default.StationStateMessage)),
        ["status"] = Text(Export(MessageJson.Default.StatusMessage)),
        ["trigger"] = Text(Export(MessageJson.Default.TriggerCommand, everyFieldIsThere: false)),
        ["replay"] = Text(Export(MessageJson.Default.ReplayCommand, everyFieldIsThere: false)),
        ["threshold"] = Text(Export(MessageJson.Default.ThresholdCommand, everyFieldIsThere: false)),
        ["regions"] = Text(Export(MessageJson.Default.RegionsCommand, everyFieldIsThere: false)),
        ["regions-result"] = Text(Export(MessageJson.Default.RegionsResult)),
        ["collect"] = Text(Export(MessageJson.Default.CollectCommand, everyFieldIsThere: false)),
        ["collect-result"] = Text(Export(MessageJson.Default.CollectResult)),
        ["product"] = Text(Export(MessageJson.Default.ProductCommand, everyFieldIsThere: false)),
        ["product-result"] = Text(Export(MessageJson.Default.ProductResult)),
        ["snapshot"] = Text(Export(MessageJson.Default.SnapshotCommand, everyFieldIsThere: false)),
        ["signed"] = Text(Export(MessageJson.Default.SignedCommand)),
        ["outbox"] = Text(Export(MessageJson.Default.OutboxStatusMessage)),
        ["replay-result"] = Text(Export(MessageJson.Default.ReplayResult)),
        ["threshold-result"] = Text(Export(MessageJson.Default.ThresholdResult)),
        ["snapshot-result"] = Text(Export(MessageJson.Default.SnapshotResult)),
        ["bank"] = Text(Export(MessageJson.Default.BankMessage)),
        ["manifest"] = Text(Export(MessageJson.Default.ModelManifest)),
        ["offer"] = Text(Export(MessageJson.Default.SignedManifest)),
        ["refusal"] = Text(Export(MessageJson.Default.OfferRefusal)),
        ["want"] = Text(Export(MessageJson.Default.ChunkRequest)),
        ["fetch"] = Text(Export(MessageJson.Default.FetchCommand, everyFieldIsThere: false)),
        ["detector"] = Text(Export(MessageJson.Default.DetectorCommand, everyFieldIsThere: false)),
        ["teach"] = Text(Export(MessageJson.Default.TeachCommand, everyFieldIsThere: false)),
        ["teach-result"] = Text(Export(MessageJson.Default.CorrectionPreview)),
        ["self-test"] = Text(Export(MessageJson.Default.SelfTestMessage)),
        ["reply"] = Text(Export(MessageJson.Default.CommandReply)),
    };

    private static JsonObject Export(JsonTypeInfo type, bool everyFieldIsThere = true)
    {
        var schema = type.GetJsonSchemaAsNode(Exporter).AsObject();
        schema.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        if (everyFieldIsThere)
            RequireAll(schema);
        return schema;
    }

    /// <summary>Makes every field required, as the station always writes all of them, null where one does not apply.</summary>
    private static void RequireAll(JsonNode? node)
    {
        if (node is not JsonObject schema)
            return;

        if (schema["properties"] is JsonObject properties)
        {
            schema["required"] = new JsonArray([.. properties.Select(p => JsonValue.Create(p.Key))]);
            foreach (var (_, property) in properties)
                RequireAll(property);
        }

        RequireAll(schema["items"]);
    }

    /// <summary>Adds the conditions of a verdict message: which fields are set depends on the verdict.</summary>
    private static JsonObject Judged(JsonObject verdict)
    {
        verdict["if"] = JsonNode.Parse("""{ "properties": { "verdict": { "enum": ["OK", "NG"] } } }""");
        verdict["then"] = JsonNode.Parse("""
            { "properties": { "captured_at": { "type": "string" }, "score": { "type": "number" }, "threshold": { "type": "number" }, "p_value": { "type": "number" },
              "bank": { "type": "object" }, "encoder": { "type": "object" }, "frame": { "type": "object" } } }
            """);
        verdict["else"] = JsonNode.Parse("""{ "properties": { "reason": { "type": "string" }, "regions": { "maxItems": 0 } } }""");
        return verdict;
    }

    private static JsonNode Annotate(JsonSchemaExporterContext context, JsonNode node)
    {
        if ((context.TypeInfo.Type == typeof(PartMeta) ? FreeFields() : node) is not JsonObject schema)
            return node;

        var type = (MemberInfo)context.TypeInfo.Type;
        var member = context.PropertyInfo?.AttributeProvider as MemberInfo;
        var description = member?.GetCustomAttribute<DescriptionAttribute>() ?? type.GetCustomAttribute<DescriptionAttribute>();
        if (description is not null)
            schema.Insert(0, "description", description.Description);
        if (member?.GetCustomAttribute<RangeAttribute>() is { } range)
            Limit(schema, range);
        if (member?.GetCustomAttribute<RegularExpressionAttribute>() is { } pattern)
            schema["pattern"] = pattern.Pattern;
        if (member?.GetCustomAttribute<LengthAttribute>() is { } length)
        {
            var of = schema.ContainsKey("items") ? "Items" : "Length";
            (schema["min" + of], schema["max" + of]) = (length.MinimumLength, length.MaximumLength);
        }

        if (context.PropertyInfo?.Name == "schema")
            schema["const"] = member!.DeclaringType!.GetField("SchemaName")!.GetRawConstantValue()!.ToString();
        return schema;
    }

    /// <summary>The schema of free fields, which their converter hides from the exporter.</summary>
    private static JsonObject FreeFields() => new()
    {
        ["type"] = new JsonArray("object", "null"),
        ["maxProperties"] = PartMeta.MaxFields,
        ["propertyNames"] = new JsonObject { ["minLength"] = 1, ["maxLength"] = PartMeta.MaxNameLength },
        ["additionalProperties"] = new JsonObject { ["type"] = new JsonArray("string", "number", "boolean"), ["maxLength"] = PartMeta.MaxValueLength },
    };

    private static void Limit(JsonObject schema, RangeAttribute range)
    {
        schema["minimum"] = JsonValue.Create(Convert.ToDouble(range.Minimum, null));
        if (Convert.ToDouble(range.Maximum, null) is var maximum and < int.MaxValue)
            schema["maximum"] = JsonValue.Create(maximum);
    }

    /// <summary>Returns the text of a schema as it is in its file.</summary>
    internal static string Text(JsonNode schema) => schema.ToJsonString(Indented) + "\n";
}
