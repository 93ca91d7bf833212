using MrfAd.Engine.Banks;
using MrfAd.Engine.Datasets;
using MrfAd.Engine.Images;
using MrfAd.Engine.Metrics;

namespace MrfAd.Cli.Evaluation;

/// <summary>Reads the labelled test images of an object with their maps and masks.</summary>
public static class LabelledImages
{
    /// <param name="problems">Receives a text for each file that is missing or does not fit.</param>
    /// <param name="doubts">Receives a text for each mask that was read but may be wrong.</param>
    /// <returns>The images that have a usable map.</returns>
    public static List<LabelledImage> Read(
        DatasetObject set, IMapStore store, IReadOnlyList<MapName> maps, List<string> problems, List<string> doubts, IProgress<LearnProgress>? progress, CancellationToken cancellation)
    {
        var images = new List<LabelledImage>();
        var labelled = set.Test.Where(i => i.Defective is not null).ToList();
        foreach (var (image, i) in labelled.Select((image, i) => (image, i)))
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                var scored = store.Read(image, maps);
                var (width, height) = store is ForeignMaps ? SizeOf(image) : (scored.Width, scored.Height);
                if (scored.Width != width || scored.Height != height)
                    throw new DatasetException($"{image.Path}: its map is {scored.Width}x{scored.Height}, the image {width}x{height}");
                images.Add(new LabelledImage(image, width, height, Regions(image, width, height, problems, doubts), scored.Ms));
            }
            catch (Exception e) when (e is DatasetException or ImageFormatException or IOException)
            {
                // A problem with an image that could not be scored has been reported already.
                if (!problems.Exists(p => p.Contains(image.Path, StringComparison.Ordinal)))
                    problems.Add(e.Message);
            }

            progress?.Report(new LearnProgress($"{set.Name}: masks", i + 1, labelled.Count));
        }

        return images;
    }

    private static MaskRegions? Regions(DatasetImage image, int width, int height, List<string> problems, List<string> doubts)
    {
        try
        {
            return DatasetMask.Read(image, width, height, doubts.Add);
        }
        catch (DatasetException e)
        {
            problems.Add(e.Message);
            return null;
        }
    }

    private static (int Width, int Height) SizeOf(DatasetImage image)
    {
        using var pixels = ImageCodec.Read(image.Path);
        return (pixels.Width, pixels.Height);
    }
}
