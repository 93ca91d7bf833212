using MrfAd.Engine.Datasets;
using MrfAd.Engine.Images;

namespace MrfAd.Cli.Evaluation;

/// <summary>
/// Reads maps made by another program: <c>DIR/anomaly_images/NAME.tiff</c>, or <c>DIR/NAME.tiff</c> (.tif, .npy), where NAME is the image's
/// path below the dataset.
/// </summary>
public sealed class ForeignMaps(string folder) : IMapStore
{
    /// <summary>The only map of an image, without a layer or scale.</summary>
    public static IReadOnlyList<MapName> Names { get; } = [new(null, null)];

    public ScoredImage Read(DatasetImage image, IReadOnlyList<MapName> names)
    {
        var places = from root in new[] { Path.Combine(folder, BenchmarkMaps.MapFolder), folder }
                     from extension in ScoreFile.Extensions
                     select Path.Combine(root, image.Name + extension);
        var path = places.FirstOrDefault(File.Exists)
            ?? throw new DatasetException($"{image.Path}: no map {image.Name}{{{string.Join(',', ScoreFile.Extensions)}}} in {folder}");
        try
        {
            var (scores, width, height) = ScoreFile.Read(path);
            return new ScoredImage(width, height, [new ScoreMap(width, height, scores)], 0);
        }
        catch (ImageFormatException e)
        {
            throw new DatasetException(e.Message, e);
        }
    }
}
