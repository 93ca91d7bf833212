using System.CommandLine;
using System.Text.Json;
using MrfAd.Cli.Terminal;
using MrfAd.Contracts;
using MrfAd.Platform;

namespace MrfAd.Cli.Commands;

/// <summary><c>mrfad schema DIR</c>: writes the JSON schemas of all messages, for authors of programs that talk to a station.</summary>
public static class SchemaCommand
{
    private const string Page = "asyncapi.json";

    public static Command Create()
    {
        var folder = new Argument<DirectoryInfo>("DIR") { Description = "Folder for the schemas; created if absent, files of the same names are replaced." };
        var json = new Option<bool>("--json") { Description = "The written paths as JSON." };
        var command = new Command("schema", $"Writes the message contract: {Page} and the JSON Schemas it refers to.\n\nExample: mrfad schema ./contract") { folder, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var written = await WriteAsync(parsed.GetRequiredValue(folder).FullName, cancellationToken);
            Console.WriteLine(parsed.GetValue(json) ? JsonSerializer.Serialize(written, JsonOutput.Options) : string.Join('\n', written));
            return ExitCode.Done;
        });
        return command;
    }

    private static async Task<List<string>> WriteAsync(string folder, CancellationToken cancellationToken)
    {
        var files = MessageSchemas.All.ToDictionary(s => Path.Combine(folder, "schemas", $"{s.Key}.schema.json"), s => s.Value);
        files[Path.Combine(folder, Page)] = AsyncApi.Document;
        UserFiles.CreateFolder(Path.Combine(folder, "schemas"));
        foreach (var (path, text) in files)
            UserFiles.WriteText(path, text);
        return [.. files.Keys];
    }
}
