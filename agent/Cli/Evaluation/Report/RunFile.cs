using System.Text.Json;
using MrfAd.Cli.Terminal;
using MrfAd.Platform;

namespace MrfAd.Cli.Evaluation.Report;

/// <summary>A run's result on disk: <c>run.json</c>.</summary>
public static class RunFile
{
    public const string Name = "run.json";

    private static readonly string[] Parts = ["maps", "learned"];

    public static void Write(string folder, RunResult result) =>
        AtomicFile.Write(Path.Combine(folder, Name), JsonSerializer.SerializeToUtf8Bytes(result, JsonOutput.Options));

    /// <exception cref="UsageException">There is no such file, or it is no run of this format.</exception>
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

    /// <summary>Removes what a run needs to be resumed.</summary>
    public static void Discard(string folder)
    {
        foreach (var part in Parts.Select(p => Path.Combine(folder, p)).Where(Directory.Exists))
            UserFiles.DeleteFolder(part);
    }
}
