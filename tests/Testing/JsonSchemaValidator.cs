using System.Diagnostics;
using System.Text.Json;

namespace MrfAd.Testing;

/// <summary>Asks the real ajv what a JSON Schema says of documents.</summary>
public sealed class JsonSchemaValidator
{
    private readonly string _packages;
    private readonly string _schema;

    private JsonSchemaValidator(Func<string, string> schema)
    {
        _packages = NodePackages.Require();
        _schema = schema(_packages);
    }

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
        var script = Path.Combine(Repository.Root, "tests", "Testing", "validate.cjs");
        using var node = Process.Start(new ProcessStartInfo("node", [script, _packages, _schema])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = node.StandardError.ReadToEndAsync();
        await node.StandardInput.WriteAsync(JsonSerializer.Serialize(documents));
        node.StandardInput.Close();
        var answer = await node.StandardOutput.ReadToEndAsync();
        await node.WaitForExitAsync();
        return node.ExitCode == 0
            ? JsonSerializer.Deserialize<string[][]>(answer)!
            : throw new InvalidOperationException($"the validator failed on {_schema}: {await errors}");
    }
}
