using MrfAd.Agent.Commands;

namespace MrfAd.Agent.Demo;

/// <summary>Images in MVTec AD's layout: <c>train/good</c>, <c>test/KIND</c>, <c>ground_truth/KIND/NAME_mask.png</c>.</summary>
public sealed record InspectionDataset(string Folder, IReadOnlyList<string> Train, IReadOnlyList<DemoPart> Test)
{
    public const string Good = "good";

    /// <summary>Where the good parts to learn from lie.</summary>
    public string TrainFolder => Path.Combine(Folder, "train", Good);

    /// <exception cref="UsageException">A folder is absent or holds no images; the text says which.</exception>
    public static InspectionDataset Read(string folder)
    {
        var root = Path.GetFullPath(folder);
        var train = Images(root, Path.Combine("train", Good));
        var tests = Path.Combine(root, "test");
        if (!Directory.Exists(tests))
            throw new UsageException($"{root} is not in MVTec AD's layout: there is no folder 'test' (want train/good, test/good, test/KIND…)");
        var parts = Directory.EnumerateDirectories(tests).Order(StringComparer.Ordinal)
            .SelectMany(kind => Images(root, Path.GetRelativePath(root, kind)).Select(image => Part(root, Path.GetFileName(kind), image)))
            .ToList();
        return parts.Count > 0 ? new(root, train, parts) : throw new UsageException($"{tests} has no folder with images (want test/good, test/KIND…)");
    }

    private static IReadOnlyList<string> Images(string root, string folder) => Directory.Exists(Path.Combine(root, folder))
        ? ImageFiles.InFolder(Path.Combine(root, folder))
        : throw new UsageException($"{root} is not in MVTec AD's layout: there is no folder '{folder}' (want train/good, test/good, test/KIND…)");

    private static DemoPart Part(string root, string kind, string image)
    {
        var mask = Path.Combine(root, "ground_truth", kind, $"{Path.GetFileNameWithoutExtension(image)}_mask.png");
        return new DemoPart(kind, image, File.Exists(mask) ? mask : null);
    }
}
