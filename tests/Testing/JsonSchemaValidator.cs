using System.Text.Json;

namespace MrfAd.Testing;

/// <summary>Asks the real ajv what a JSON Schema says of documents.</summary>
public sealed class JsonSchemaValidator
{
    private readonly string _schema;

    private JsonSchemaValidator(Func<string, string> schema) => _schema = schema(NodePackages.Require());

    /// <param name="name">"verdict", "state", "status", "trigger" or "reply".</param>
    public static JsonSchemaValidator ForMessage(string name) =>
        new(_ => Path.Combine(Repository.Root, "agent", "Reporting", "schemas", $"{name}.schema.json"));

    /// <summary>Takes JSON or YAML documents.</summary>
    public static JsonSchemaValidator ForAsyncApi() =>
        new(packages => Path.Combine(packages, "node_modules", "@asyncapi", "specs", "schemas", "3.0.0-without-$id.json"));

    /// <returns>What is wrong with the document; empty: nothing.</returns>
    public async Task<IReadOnlyList<string>> ErrorsAsync(string document) => (await ErrorsAsync([document])).Single();

    /// <returns>For each document what is wrong with it.</returns>
    public async Task<IReadOnlyList<IReadOnlyList<string>>> ErrorsAsync(IEnumerable<string> documents)
    {
        var answer = await NodeScript.RunAsync("validate.cjs", JsonSerializer.Serialize(documents), _schema);
        return JsonSerializer.Deserialize<string[][]>(answer)!;
    }
}
