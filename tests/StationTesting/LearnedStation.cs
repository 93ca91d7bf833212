using System.Text.Json.Nodes;
using MrfAd.Engine.Images;
using MrfAd.Station.Options;
using Xunit;

namespace MrfAd.Testing;

/// <summary>A bank learned by the real <c>mrfad learn</c> from a few generated parts, and configurations that use it.</summary>
public sealed class LearnedStation : IAsyncLifetime, IDisposable
{
    public const int Width = 96;
    public const int Height = 64;

    private const int Grey = 120;

    private readonly TemporaryFolder _folder = new();

    public string Bank => _folder.File("parts.mrfbank");

    public string Encoder { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        Encoder = TinyEncoder.Write(_folder.Path);
        await LearnAsync(_folder.File("good"), Encoder, Bank, "parts");
    }

    /// <summary>Learns a bank from generated parts.</summary>
    /// <param name="good">A folder for the parts.</param>
    /// <param name="grey">The grey level of the plate, 0 to 245.</param>
    public static async Task LearnAsync(string good, string encoder, string bank, string id, int grey = Grey)
    {
        Directory.CreateDirectory(good);
        for (var i = 0; i < 12; i++)
            WritePart(Path.Combine(good, $"{i:00}.png"), seed: i, grey: grey);
        var (code, output, errors) = await AgentProcess.RunAsync(
            "learn", good, "--encoder", encoder, "--out", bank, "--id", id, "--scales", "0.5,1", "--least-side", "32", "--rows", "all");
        Assert.True(code == 0, output + errors);
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Writes an image of a noisy grey plate; a defective one has a black square.</summary>
    /// <param name="grey">The grey level of the plate, 0 to 245.</param>
    public static void WritePart(string path, int seed, bool defective = false, int grey = Grey) => File.WriteAllBytes(path, Part(seed, defective, grey));

    /// <summary>Returns the PNG file of such an image.</summary>
    /// <inheritdoc cref="WritePart"/>
    public static byte[] Part(int seed, bool defective = false, int grey = Grey)
    {
        var random = new Random(seed);
        using var image = new Image(Width, Height, 3);
        var pixels = image.Bytes;
        for (var i = 0; i < pixels.Length; i++)
            pixels[i] = (byte)random.Next(grey, grey + 10);
        for (var y = 20; defective && y < 40; y++)
            pixels.Slice(3 * (y * Width + 30), 3 * 20).Clear();
        return ImageCodec.Encode(image, ImageFormat.Png);
    }

    /// <summary>Writes a configuration with this bank, on a free HTTP port.</summary>
    /// <param name="cameras">The cameras as a JSON list.</param>
    /// <returns>The path of the configuration.</returns>
    public string Configure(TemporaryFolder folder, int mqttPort, string cameras, string? bank = null, TrustedKey? trusted = null, bool allowUnsigned = false)
    {
        var config = new JsonObject
        {
            ["station"] = "s1",
            ["mqtt"] = new JsonObject { ["port"] = mqttPort, ["reconnect_delay"] = "50ms", ["reconnect_delay_max"] = "200ms" },
            ["http"] = new JsonObject { ["port"] = 0 },
            ["detector"] = new JsonObject { ["bank"] = bank ?? Bank, ["encoder"] = Encoder, ["threads"] = 1 },
            ["cameras"] = Patient(JsonNode.Parse(cameras)!.AsArray()),
            ["control"] = new JsonObject { ["allow_unsigned"] = allowUnsigned },
        };
        if (trusted is not null)
            config["updates"] = new JsonObject { ["trusted_keys"] = new JsonArray(new JsonObject { ["id"] = trusted.Id, ["public_key_file"] = trusted.PublicKeyFile }), ["keep_free_mb"] = 1 };
        File.WriteAllText(folder.File("station.json"), config.ToJsonString());
        return folder.File("station.json");
    }

    /// <summary>Gives each camera without a deadline of its own a long one: on a busy machine the usual 2 s may pass before a frame is taken.</summary>
    private static JsonArray Patient(JsonArray cameras)
    {
        foreach (var camera in cameras)
            camera!["deadline"] ??= "60s";
        return cameras;
    }
}
