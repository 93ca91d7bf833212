using System.Collections.Concurrent;
using System.Text.Json;
using Json.Schema;
using Json.Schema.Keywords;

namespace MrfAd.Testing;

/// <summary>Validates documents against a JSON Schema. Formats such as date-time and uuid are checked as well as types.</summary>
public sealed class JsonSchemaValidator
{
    private static readonly EvaluationOptions Options = new() { OutputFormat = OutputFormat.List, RequireFormatValidation = true };
    private static readonly ConcurrentDictionary<string, Lazy<JsonSchemaValidator>> Messages = new();

    private readonly JsonSchema _schema;

    private JsonSchemaValidator(JsonSchema schema) => _schema = schema;

    /// <param name="name">The name of a published schema: "verdict", "state", "status", "trigger" or "reply".</param>
    /// <exception cref="InvalidOperationException">The schema has a keyword or a format that JSON Schema does not know.</exception>
    public static JsonSchemaValidator ForMessage(string name) => Messages.GetOrAdd(name, _ => new(() =>
    {
        var validator = Read(Path.Combine(Repository.Root, "agent", "Contracts", "schemas", $"{name}.schema.json"));
        RefuseUnknown(name, validator._schema.Root);
        return validator;
    })).Value;

    /// <summary>The schema by which AsyncAPI describes its own documents.</summary>
    public static JsonSchemaValidator ForAsyncApi() =>
        Read(Path.Combine(NodePackages.Require(), "node_modules", "@asyncapi", "specs", "schemas", "3.0.0-without-$id.json"));

    /// <param name="schema">The text of the schema.</param>
    /// <exception cref="InvalidOperationException">The schema has a keyword or a format that JSON Schema does not know.</exception>
    public static JsonSchemaValidator Parse(string schema)
    {
        var parsed = JsonSchema.FromText(schema, Apart());
        RefuseUnknown("the schema", parsed.Root);
        return new(parsed);
    }

    /// <returns>The errors of the document; empty where it is valid.</returns>
    public IReadOnlyList<string> Errors(string document)
    {
        using var json = JsonDocument.Parse(document);
        var result = _schema.Evaluate(json.RootElement, Options);
        return result.IsValid ? [] : [.. from part in (List<EvaluationResults>)[result, .. result.Details ?? []]
                                         from error in part.Errors ?? []
                                         select $"{part.InstanceLocation} {error.Key}: {error.Value}"];
    }

    private static JsonSchemaValidator Read(string path) => new(JsonSchema.FromFile(path, Apart()));

    // A common registry would refuse a schema that was read before.
    private static BuildOptions Apart() => new() { SchemaRegistry = new() };

    private static void RefuseUnknown(string name, JsonSchemaNode node)
    {
        foreach (var keyword in node.Keywords ?? [])
        {
            if (keyword.Handler is AnnotationKeyword)
                throw new InvalidOperationException($"{name}: a keyword of {node.Source.GetRawText()} is unknown to JSON Schema");
            if (keyword.Handler.Name == "format" && FormatRegistry.Global.Get(keyword.RawValue.GetString()!) is UnknownFormat or null)
                throw new InvalidOperationException($"{name}: the format {keyword.RawValue} is unknown to JSON Schema");
            foreach (var part in keyword.Subschemas ?? [])
                RefuseUnknown(name, part);
        }
    }
}
