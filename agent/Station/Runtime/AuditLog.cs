using System.Text.Json;
using MrfAd.Platform;

namespace MrfAd.Station.Runtime;

/// <summary><c>audit.jsonl</c>: a line of JSON for each thing that somebody changed, synced before it takes effect.</summary>
public sealed class AuditLog(string folder)
{
    private readonly Lock _lock = new();

    /// <param name="line">An object; its first fields are <c>at</c>, <c>by</c> and <c>what</c>.</param>
    /// <exception cref="IOException">It could not be written.</exception>
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
