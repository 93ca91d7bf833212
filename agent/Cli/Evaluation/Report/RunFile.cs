using System.Text.Json;
using MrfAd.Cli.Terminal;
using MrfAd.Platform;

namespace MrfAd.Cli.Evaluation.Report;

/// <summary>Reads and writes a run's result, <c>run.json</c>.</summary>
public static class RunFile
{
    public const string Name = "run.json";

    private static readonly string[] Parts = ["maps", "learned"];

    public static void Write(string folder, RunResult result) =>
        AtomicFile.Write(Path.Combine(folder, Name), JsonSerializer.SerializeToUtf8Bytes(result, JsonOutput.Options));

    /// <exception cref="UsageException">The file does not exist, or is not a run of this format.</exception>
    public static RunResult Read(string path)
    {
        if (!File.Exists(path))
            throw new UsageException($"no such run: {path}");
        try
        {
            var run = JsonSerializer.Deserialize<RunResult>(UserFiles.ReadBytes(path), JsonOutput.Options);
            return run?.Format == RunResult.CurrentFormat ? run : throw new UsageException($"{path}: want format '{RunResult.CurrentFormat}', got '{run?.Format ?? "none"}'");
        }
        catch (JsonException e)
        {
            throw new UsageException($"{path}: not a run's result: {e.Message}");
        }
    }

    /// <summary>Removes the files that a stopped run would resume from.</summary>
    public static void Discard(string folder)
    {
        foreach (var part in Parts.Select(p => Path.Combine(folder, p)).Where(Directory.Exists))
            UserFiles.DeleteFolder(part);
    }
}
