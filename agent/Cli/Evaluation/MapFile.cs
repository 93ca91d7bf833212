using System.Globalization;
using MrfAd.Engine.Alignment;
using MrfAd.Onnx.Tensors;

namespace MrfAd.Cli.Evaluation;

/// <summary>Stores the maps of one image: a safetensors file with a tensor [h, w] for each map. Writes are atomic, so a run can be stopped at any time.</summary>
public static class MapFile
{
    /// <exception cref="IOException">The disk is full or not writable.</exception>
    public static void Write(string path, IReadOnlyList<MapName> names, ScoredImage scored) => TensorFileWriter.Write(
        path,
        [.. names.Zip(scored.Maps, (name, map) => TensorSource.Of(name.Text, TensorType.F32, map.Scores) with { Shape = [map.Height, map.Width] })],
        new Dictionary<string, string>(ToText(scored.ToFrame))
        {
            ["width"] = scored.Width.ToString(CultureInfo.InvariantCulture),
            ["height"] = scored.Height.ToString(CultureInfo.InvariantCulture),
            ["ms"] = scored.Ms.ToString(CultureInfo.InvariantCulture),
        });

    /// <param name="names">Names of the maps to read.</param>
    /// <exception cref="TensorFormatException">The file is damaged or lacks one of these maps.</exception>
    public static ScoredImage Read(string path, IEnumerable<MapName> names)
    {
        using var file = TensorFile.Open(path);
        return new ScoredImage(
            int.Parse(file.Metadata["width"], CultureInfo.InvariantCulture),
            int.Parse(file.Metadata["height"], CultureInfo.InvariantCulture),
            [.. names.Select(name => Map(file, name.Text))],
            double.Parse(file.Metadata["ms"], CultureInfo.InvariantCulture))
        {
            ToFrame = ToFrame(file.Metadata.GetValueOrDefault(ToFrameKey)),
        };
    }

    private static IEnumerable<KeyValuePair<string, string>> ToText(Similarity? toFrame) =>
        toFrame is { } t ? [new(ToFrameKey, string.Create(CultureInfo.InvariantCulture, $"{t.A:R} {t.B:R} {t.Tx:R} {t.Ty:R}"))] : [];

    private static Similarity? ToFrame(string? text) =>
        text?.Split(' ').Select(v => double.Parse(v, CultureInfo.InvariantCulture)).ToArray() is [var a, var b, var tx, var ty] ? new Similarity(a, b, tx, ty) : null;

    private const string ToFrameKey = "to_frame";

    private static ScoreMap Map(TensorFile file, string name)
    {
        var shape = file.Find(name, TensorType.F32).Shape;
        return new ScoreMap((int)shape[1], (int)shape[0], file.Values<float>(name, TensorType.F32).ToArray());
    }
}
