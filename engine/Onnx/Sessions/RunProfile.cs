using System.Text.Json;
using MrfAd.Platform;

namespace MrfAd.Onnx.Sessions;

/// <summary>What ONNX Runtime's own profile of a run says.</summary>
public static class RunProfile
{
    /// <param name="path">The JSON file that the runtime left.</param>
    /// <returns>Nodes run by each provider; each node once, however often it ran.</returns>
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
