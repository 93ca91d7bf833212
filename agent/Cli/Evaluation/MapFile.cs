using System.Globalization;
using MrfAd.Onnx.Tensors;

namespace MrfAd.Cli.Evaluation;

/// <summary>The maps of one image on disk: a safetensors file with a tensor [h, w] for each. Written whole or not at all, so a run can be stopped anywhere.</summary>
public static class MapFile
{
    /// <exception cref="IOException">Disk full or not writable.</exception>
    public static void Write(string path, IReadOnlyList<MapName> names, ScoredImage scored) => TensorFileWriter.Write(
        path,
        [.. names.Zip(scored.Maps, (name, map) => TensorSource.Of(name.Text, TensorType.F32, map.Scores) with { Shape = [map.Height, map.Width] })],
        new Dictionary<string, string>
        {
            ["width"] = scored.Width.ToString(CultureInfo.InvariantCulture),
            ["height"] = scored.Height.ToString(CultureInfo.InvariantCulture),
            ["ms"] = scored.Ms.ToString(CultureInfo.InvariantCulture),
        });

    /// <param name="names">The maps wanted.</param>
    /// <exception cref="TensorFormatException">The file is damaged or has not these maps.</exception>
    public static ScoredImage Read(string path, IEnumerable<MapName> names)
    {
        using var file = TensorFile.Open(path);
        return new ScoredImage(
            int.Parse(file.Metadata["width"], CultureInfo.InvariantCulture),
            int.Parse(file.Metadata["height"], CultureInfo.InvariantCulture),
            [.. names.Select(name => Map(file, name.Text))],
            double.Parse(file.Metadata["ms"], CultureInfo.InvariantCulture));
    }

    private static ScoreMap Map(TensorFile file, string name)
    {
        var shape = file.Find(name, TensorType.F32).Shape;
        return new ScoreMap((int)shape[1], (int)shape[0], file.Values<float>(name, TensorType.F32).ToArray());
    }
}
