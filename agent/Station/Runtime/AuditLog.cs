using System.Text.Json;
using MrfAd.Platform;

namespace MrfAd.Station.Runtime;

/// <summary>The file <c>audit.jsonl</c>: one line of JSON for each change that somebody made, synced to disk before the change takes effect.</summary>
public sealed class AuditLog(string folder)
{
    private readonly Lock _lock = new();

    /// <summary>Appends a line.</summary>
    /// <param name="line">An object to be serialised; its first fields are <c>at</c>, <c>by</c> and <c>what</c>.</param>
    /// <exception cref="IOException">The line could not be written.</exception>
    public void Add(object line)
    {
        lock (_lock)
        {
            using var file = UserFiles.Open(Path.Combine(folder, "audit.jsonl"), FileMode.Append, FileAccess.Write);
            file.Write(JsonSerializer.SerializeToUtf8Bytes(line, JsonSerializerOptions.Default));
            file.WriteByte((byte)'\n');
            file.Flush(flushToDisk: true);
        }
    }
}
