using System.Text.Json.Nodes;
using Xunit;

namespace MrfAd.Testing;

/// <summary>
/// Banks of several products, learned by the real <c>mrfad learn</c>: plates of different grey levels. Each calls the good parts of the others NG, so that a verdict shows by which one
/// it was judged; image checks are off, as they would notice the brightness first.
/// </summary>
public sealed class LearnedProducts : IAsyncLifetime, IDisposable
{
    private static readonly (string Name, int Grey)[] Plates = [("black", 20), ("dark", 80), ("light", 140), ("white", 200)];

    private readonly TemporaryFolder _folder = new();

    /// <summary>The names of the products.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Plates.Select(p => p.Name)];

    public string Encoder { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        Encoder = TinyEncoder.Write(_folder.Path);
        foreach (var (name, grey) in Plates)
            await LearnedStation.LearnAsync(_folder.File($"good-{name}"), Encoder, Bank(name), name, grey);
    }

    public string Bank(string product) => _folder.File($"{product}.mrfbank");

    /// <summary>Returns the PNG file of a part of a product; a defective one has a black square.</summary>
    public static byte[] Part(string product, int seed) => LearnedStation.Part(seed, grey: Plates.Single(p => p.Name == product).Grey);

    /// <summary>Writes a configuration with all products, on a free HTTP port.</summary>
    /// <param name="cameras">The cameras as a JSON list.</param>
    /// <param name="change">Changes the configuration before it is written.</param>
    /// <returns>The path of the configuration.</returns>
    public string Configure(TemporaryFolder folder, int mqttPort, string cameras, Action<JsonObject>? change = null)
    {
        var config = new JsonObject
        {
            ["station"] = "s1",
            ["mqtt"] = new JsonObject { ["port"] = mqttPort, ["reconnect_delay"] = "50ms", ["reconnect_delay_max"] = "200ms", ["session_expiry"] = "10m" },
            ["http"] = new JsonObject { ["port"] = 0 },
            ["detector"] = new JsonObject { ["encoder"] = Encoder, ["threads"] = 1 },
            ["products"] = new JsonArray([.. Names.Select(name => new JsonObject { ["name"] = name, ["bank"] = Bank(name), ["check_image"] = false })]),
            ["cameras"] = JsonNode.Parse(cameras),
            ["control"] = new JsonObject { ["allow_unsigned"] = true },
        };
        change?.Invoke(config);
        File.WriteAllText(folder.File("station.json"), config.ToJsonString());
        return folder.File("station.json");
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    public void Dispose() => _folder.Dispose();
}
