using System.Text.Json;
using MrfAd.Onnx.Tensors;
using MrfAd.Platform;

namespace MrfAd.Onnx.Networks;

/// <summary>The <c>config.json</c> beside a checkpoint, which says what tensors do not. Keys are Hugging Face's, or those of the publisher's code.</summary>
public sealed class ModelConfig
{
    private readonly string _path;
    private readonly JsonElement _root;

    private ModelConfig(string path, JsonElement root) => (_path, _root) = (path, root);

    /// <param name="widths">The width of a transformer, or those of all stages of a convolutional network.</param>
    /// <returns>The configuration; null where there is none, or one of a model of another width.</returns>
    /// <exception cref="TensorFormatException">The file is not JSON of a model.</exception>
    public static ModelConfig? Beside(string checkpoint, params IReadOnlyList<int> widths)
    {
        var path = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(checkpoint))!, "config.json");
        if (!File.Exists(path))
            return null;
        try
        {
            using var document = JsonDocument.Parse(UserFiles.ReadBytes(path));
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new JsonException($"it is {document.RootElement.ValueKind}");
            var config = new ModelConfig(path, document.RootElement.Clone());
            return config.Widths().SequenceEqual(widths) ? config : null;
        }
        catch (JsonException e)
        {
            throw new TensorFormatException($"{path}: not the config.json of a model: {e.Message}");
        }
    }

    /// <returns>The value of the first of <paramref name="keys"/> that is there; null where none is.</returns>
    /// <exception cref="TensorFormatException">The value is of another kind; the message names the key. So also for the other members.</exception>
    public int? WholeNumber(params ReadOnlySpan<string> keys) => Read(keys) is not var (key, value) ? null : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number)
        ? number
        : throw Wrong($"'{key}' is {value.GetRawText()}, want a whole number");

    public double? Number(params ReadOnlySpan<string> keys) => Read(keys) is not var (key, value) ? null : value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number)
        ? number
        : throw Wrong($"'{key}' is {value.GetRawText()}, want a number");

    /// <returns>The value, one of <paramref name="wanted"/>.</returns>
    public string? Choice(string key, params IReadOnlyList<string> wanted) => Read([key]) is not var (_, value) ? null : value.ValueKind == JsonValueKind.String && wanted.Contains(value.GetString())
        ? value.GetString()
        : throw Wrong($"'{key}' is {value.GetRawText()}, want {string.Join(" or ", wanted)}");

    /// <returns>An error that names the file.</returns>
    public TensorFormatException Wrong(string what) => new($"{_path}: {what}");

    private List<int> Widths()
    {
        if (Read(["hidden_sizes", "dims"]) is (_, { ValueKind: JsonValueKind.Array } stages))
            return [.. stages.EnumerateArray().Select(s => s.ValueKind == JsonValueKind.Number && s.TryGetInt32(out var width) ? width : 0)];
        return WholeNumber("hidden_size", "embed_dim") is { } dimension ? [dimension] : [];
    }

    /// <param name="keys">The keys; a dot leads into an object.</param>
    private (string Key, JsonElement Value)? Read(ReadOnlySpan<string> keys)
    {
        foreach (var key in keys)
        {
            var value = _root;
            var found = true;
            foreach (var part in key.Split('.'))
                found = found && value.ValueKind == JsonValueKind.Object && value.TryGetProperty(part, out value);
            if (found && value.ValueKind != JsonValueKind.Null)
                return (key, value);
        }

        return null;
    }
}
