using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using MrfAd.Platform;

namespace MrfAd.Engine.Features;

/// <summary>
/// The properties of an ONNX file that are needed to use it as an encoder: the JSON file beside it (<c>x.onnx</c>: <c>x.json</c>), or, where there is none,
/// those that the graph itself declares and the normalisation of ImageNet networks.
/// </summary>
public sealed record EncoderDescriptor
{
    /// <summary>A short name for verdicts and reports.</summary>
    public required string Id { get; init; }

    /// <summary>The ONNX file, relative to the descriptor; null where there are <see cref="Graphs"/>.</summary>
    public string? Model { get; init; }

    /// <summary>Instead of one file for any size, a file for each size of view: <c>HEIGHTxWIDTH</c> in pixels → the ONNX file.</summary>
    public IReadOnlyDictionary<string, string> Graphs { get; init; } = new Dictionary<string, string>();

    /// <summary>A file of weights that the graphs share (ONNX's external data); null where each graph holds its own.</summary>
    public string? Weights { get; init; }

    /// <summary>The graph's image input, [1, 3, H, W] RGB; empty means its only input.</summary>
    public string Input { get; init; } = "";

    /// <summary>Layer name → the tensor of the graph that holds its features: [1, C, h, w], or tokens [1, T, D]; empty means its first output.</summary>
    public required IReadOnlyDictionary<string, string> Layers { get; init; }

    /// <summary>The layers that are used where none are named; empty means all.</summary>
    public IReadOnlyList<string> DefaultLayers { get; init; } = [];

    /// <summary>Height and width of an input must be multiples of this (a transformer's patch, a CNN's largest stride).</summary>
    public int SizeMultiple { get; init; } = 32;

    /// <summary>The number of tokens before those of the patches (class token, registers).</summary>
    public int PrefixTokens { get; init; }

    /// <summary>True where the file was exported for one size but can compute any: its declared sizes are ignored.</summary>
    public bool IgnoreDeclaredSize { get; init; }

    /// <summary>The mean of each channel that is subtracted, after samples are scaled to 0…1.</summary>
    public IReadOnlyList<float> Mean { get; init; } = [0.485f, 0.456f, 0.406f];

    public IReadOnlyList<float> Std { get; init; } = [0.229f, 0.224f, 0.225f];

    public string License { get; init; } = "";

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <exception cref="Onnx.Graphs.OnnxModelException">The file is not a descriptor; the message names the file and the key.</exception>
    public static EncoderDescriptor Read(string path)
    {
        EncoderDescriptor descriptor;
        try
        {
            descriptor = JsonSerializer.Deserialize<EncoderDescriptor>(UserFiles.ReadBytes(path), Json) ?? throw new JsonException("it is null");
        }
        catch (JsonException e)
        {
            throw new Onnx.Graphs.OnnxModelException($"{path}: not an encoder descriptor: {JsonError.Describe(e)}{FileKind.Clause(path)}", e);
        }

        if (descriptor.SizeMultiple < 1)
            throw new Onnx.Graphs.OnnxModelException($"{path}: 'size_multiple' is {descriptor.SizeMultiple}, want at least 1");
        if (descriptor.Model is null == (descriptor.Graphs.Count == 0))
            throw new Onnx.Graphs.OnnxModelException($"{path}: want either 'model' or 'graphs'");
        foreach (var size in descriptor.Graphs.Keys)
        {
            if (!View.TryParseSize(size, out var width, out var height) || width % descriptor.SizeMultiple != 0 || height % descriptor.SizeMultiple != 0)
                throw new Onnx.Graphs.OnnxModelException($"{path}: 'graphs' has the size '{size}', want HEIGHTxWIDTH in multiples of 'size_multiple', {descriptor.SizeMultiple}");
        }

        if (descriptor.Layers.Count == 0)
            throw new Onnx.Graphs.OnnxModelException($"{path}: 'layers' names no layer");
        if (descriptor.Mean.Count != 3 || descriptor.Std.Count != 3 || descriptor.Std.Any(s => s <= 0))
            throw new Onnx.Graphs.OnnxModelException($"{path}: 'mean' and 'std' have 3 values each, and those of 'std' are positive");
        return descriptor;
    }

    /// <summary>
    /// SHA-256, in lower-case hex, of what decides beside the graph which features an image has: the input and the layers, the normalisation, and which sizes and tokens count.
    /// A model that was learned with other settings would be compared with features that it does not know.
    /// </summary>
    /// <param name="input">The graph's image input.</param>
    /// <param name="layers">The layers in use.</param>
    public string SettingsSha256(string input, IEnumerable<string> layers)
    {
        var settings = string.Join('\n', (string[])[
            input, .. layers.Select(layer => $"{layer} {Layers[layer]}"),
            string.Join(' ', Mean.Select(m => m.ToString("R", CultureInfo.InvariantCulture))), string.Join(' ', Std.Select(s => s.ToString("R", CultureInfo.InvariantCulture))),
            FormattableString.Invariant($"{SizeMultiple} {PrefixTokens}")]);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(settings)));
    }

    /// <summary>Writes the descriptor atomically, without its empty members.</summary>
    public void Write(string path)
    {
        var members = JsonSerializer.SerializeToNode(this, Json)!.AsObject();
        foreach (var (name, value) in members.ToList())
        {
            if (value is null or JsonObject { Count: 0 } or JsonArray { Count: 0 } || (value is JsonValue text && text.GetValueKind() == JsonValueKind.String && text.GetValue<string>().Length == 0))
                members.Remove(name);
        }

        AtomicFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(members, Json));
    }
}
