using MrfAd.Engine.Datasets;
using MrfAd.Platform;

namespace MrfAd.Cli.Demo;

/// <summary>The images of one object: good parts to learn from, and parts to judge.</summary>
public sealed record InspectionDataset(string Folder, IReadOnlyList<string> Train, IReadOnlyList<DemoPart> Test)
{
    public const string Good = "good";

    /// <exception cref="UsageException">The folder has none of the layouts that <see cref="Dataset"/> reads; the text describes them.</exception>
    public static InspectionDataset Read(string folder)
    {
        var root = Path.GetFullPath(folder);
        try
        {
            return Dataset.Read(root) is [var one]
                ? new(root, one.Train, [.. one.Test.Where(t => t.Defective is not null).Select(Part)])
                : throw new UsageException($"{root} holds several objects: name the folder of one");
        }
        catch (DatasetException e)
        {
            throw new UsageException(e.Message);
        }
    }

    private static DemoPart Part(DatasetImage image) => new(image.Kind, image.Path, File.Exists(image.Mask) ? image.Mask : null);
}
