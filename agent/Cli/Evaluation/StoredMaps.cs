using MrfAd.Engine.Datasets;
using MrfAd.Onnx.Tensors;

namespace MrfAd.Cli.Evaluation;

/// <summary>Reads and writes the maps of a run in its folder.</summary>
public sealed class StoredMaps(string folder) : IMapStore
{
    public bool Has(DatasetImage image) => File.Exists(PathOf(image));

    public void Write(DatasetImage image, IReadOnlyList<MapName> names, ScoredImage scored) => MapFile.Write(PathOf(image), names, scored);

    public ScoredImage Read(DatasetImage image, IReadOnlyList<MapName> names)
    {
        try
        {
            return MapFile.Read(PathOf(image), names);
        }
        catch (Exception e) when (e is TensorFormatException or FileNotFoundException or DirectoryNotFoundException)
        {
            throw new DatasetException($"{image.Path}: has no map ({e.Message})", e);
        }
    }

    private string PathOf(DatasetImage image) => Path.Combine(folder, Path.GetDirectoryName(image.Name)!, $"{FileNames.Shortened(Path.GetFileName(image.Name))}.maps");
}
