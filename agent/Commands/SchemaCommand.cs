using System.CommandLine;
using MrfAd.Agent.Reporting;

namespace MrfAd.Agent.Commands;

/// <summary><c>mrfad schema DIR</c>: the message contract as files, for who writes the other end.</summary>
public static class SchemaCommand
{
    private const string AsyncApi = "asyncapi.yaml";

    public static Command Create()
    {
        var folder = new Argument<DirectoryInfo>("DIR") { Description = "Where to write; made if absent, files of the same names are replaced." };
        var command = new Command("schema", $"Writes the message contract: {AsyncApi} and the JSON Schemas it refers to.\n\nExample: mrfad schema ./contract") { folder };
        command.SetAction((parsed, cancellationToken) => WriteAsync(parsed.GetValue(folder)!.FullName, cancellationToken));
        return command;
    }

    private static async Task<int> WriteAsync(string folder, CancellationToken cancellationToken)
    {
        var schemas = Path.Combine(folder, "schemas");
        Directory.CreateDirectory(schemas);
        await using var page = typeof(SchemaCommand).Assembly.GetManifestResourceStream(AsyncApi)!;
        using var text = new StreamReader(page);
        await WriteAsync(Path.Combine(folder, AsyncApi), await text.ReadToEndAsync(cancellationToken), cancellationToken);
        foreach (var (name, schema) in MessageSchemas.All)
            await WriteAsync(Path.Combine(schemas, $"{name}.schema.json"), schema, cancellationToken);
        return ExitCode.Done;
    }

    private static async Task WriteAsync(string path, string text, CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(path, text, cancellationToken);
        Console.WriteLine(path);
    }
}
