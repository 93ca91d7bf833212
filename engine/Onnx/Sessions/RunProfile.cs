using System.Text.Json;
using MrfAd.Platform;

namespace MrfAd.Onnx.Sessions;

/// <summary>Reads ONNX Runtime's own profile of a run.</summary>
public static class RunProfile
{
    /// <param name="path">The path of the JSON file that the runtime has written.</param>
    /// <returns>The number of nodes that each provider ran; each node is counted once, however often it ran.</returns>
    public static IReadOnlyDictionary<Provider, int> NodesOf(string path)
    {
        using var json = JsonDocument.Parse(UserFiles.ReadBytes(path));
        var nodes = new Dictionary<string, Provider>();
        foreach (var entry in json.RootElement.EnumerateArray())
        {
            if (entry.TryGetProperty("args", out var args) && args.ValueKind == JsonValueKind.Object && args.TryGetProperty("provider", out var name)
                && Providers.Of(name.GetString()!) is { } provider)
                nodes[entry.GetProperty("name").GetString()!] = provider;
        }

        return nodes.GroupBy(n => n.Value).ToDictionary(g => g.Key, g => g.Count());
    }
}
