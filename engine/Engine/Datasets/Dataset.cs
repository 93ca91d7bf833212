using MrfAd.Engine.Images;

namespace MrfAd.Engine.Datasets;

/// <summary>Finds the images and masks of a data set in the folder layout of its publisher.</summary>
public static class Dataset
{
    private const string Good = "good";

    // A plain folder has no split: every fifth of its good images, in the order of their names, is tested and the others are learned.
    private const int TestEvery = 5;

    private static readonly string[] PrivateSplits = ["test_private", "test_private_mixed"];

    // Names of folders that hold masks and labels, so that they are not taken for kinds of defects.
    private static readonly HashSet<string> MaskFolders = new(StringComparer.OrdinalIgnoreCase)
    {
        "masks", "mask", "ground_truth", "groundtruth", "ground-truth", "gt", "labels", "label", "annotations", "annotation", "segmentation", "segmentations",
    };

    /// <param name="path">One object's folder, a folder of objects, or VisA's folder or table.</param>
    /// <param name="only">Names of the objects to read; null reads all.</param>
    /// <exception cref="DatasetException">The folder has none of the known layouts, or lacks a requested object.</exception>
    public static IReadOnlyList<DatasetObject> Read(string path, IReadOnlyList<string>? only = null)
    {
        var root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        var objects = File.Exists(root) && Path.GetExtension(root).Equals(".csv", StringComparison.OrdinalIgnoreCase) ? VisaTable.Read(root)
            : !Directory.Exists(root) ? throw new DatasetException($"no such data set: {path}")
            : File.Exists(VisaTable.In(root)) ? VisaTable.Read(VisaTable.In(root))
            : Object(root) is { } one ? [one]
            : [.. ImageFolder.DistinctFolders(root).Select(Object).OfType<DatasetObject>()];
        if (objects.Count == 0)
        {
            throw new DatasetException(
                $"{path} is no data set: want an object's folder (train/good and test or test_public; or good), a folder of such, or VisA's with split_csv/1cls.csv");
        }

        if (only?.FirstOrDefault(name => objects.All(o => o.Name != name)) is { } absent)
            throw new DatasetException($"{path} has no object '{absent}' (it has {string.Join(", ", objects.Select(o => o.Name))})");
        var selected = only is null ? objects : [.. only.Select(name => objects.First(o => o.Name == name))];
        foreach (var o in selected)
        {
            if (o.Train.Count == 0 || o.Test.Count == 0)
                throw new DatasetException($"{path}: object '{o.Name}' has {o.Train.Count} images to learn from and {o.Test.Count} to test; want some of each");
            if (o.HeldOut.Concat(o.Test).GroupBy(i => i.Name).FirstOrDefault(g => g.Count() > 1) is { } twice)
                throw new DatasetException($"{path}: two images have one name: {string.Join(" and ", twice.Select(i => i.Path))}");
            if (o.Test.Where(i => i.Mask is not null).GroupBy(i => i.Mask).FirstOrDefault(g => g.Count() > 1) is { } shared)
                throw new DatasetException($"{path}: two images have one mask, {shared.Key}: {string.Join(" and ", shared.Select(i => i.Path))}");
        }

        return selected;
    }

    private static DatasetObject? Object(string folder)
    {
        if (Below(folder, "train", Good) is { } train)
        {
            if (ImageFolder.Find(folder, "test_public") is { } testPublic)
                return Mvtec2Object(folder, train, testPublic);
            if (ImageFolder.Find(folder, "test") is { } test)
                return MvtecObject(folder, train, test);
            throw new DatasetException($"{folder} has train/good, but neither 'test' nor 'test_public'");
        }

        return ImageFolder.Find(folder, Good) is { } good ? PlainObject(folder, good) : null;
    }

    private static DatasetObject MvtecObject(string folder, string train, string test)
    {
        var masks = ImageFolder.Find(folder, "ground_truth") ?? Path.Combine(folder, "ground_truth");
        var tests = ImageFolder.DistinctFolders(test, train).Where(f => !MaskFolders.Contains(Path.GetFileName(f))).SelectMany(kind => Images(folder, kind, "test", Path.GetFileName(kind), new MaskFiles([masks], Path.GetFileName(kind)).Of));
        return new DatasetObject(Path.GetFileName(folder), DatasetLayout.MvtecAd, ImageFolder.Files(train), [], [.. tests]);
    }

    private static DatasetObject Mvtec2Object(string folder, string train, string test)
    {
        var masks = ImageFolder.Find(test, "ground_truth") ?? Path.Combine(test, "ground_truth");
        var tests = new[] { Good, "bad" }.SelectMany(kind => Images(folder, Path.Combine(test, kind), "test_public", kind, new MaskFiles([masks], kind).Of)).ToList();
        foreach (var name in PrivateSplits)
            tests.AddRange(Images(folder, Path.Combine(folder, name), name, "", _ => null));
        return new DatasetObject(
            Path.GetFileName(folder), DatasetLayout.MvtecAd2, ImageFolder.Files(train), [.. Images(folder, Path.Combine(folder, "validation", Good), "validation", Good, _ => null)], tests);
    }

    private static DatasetObject PlainObject(string folder, string goodFolder)
    {
        var good = Images(folder, goodFolder, "test", Good, _ => null).ToList();
        var tests = good.Where((_, i) => i % TestEvery == TestEvery - 1).ToList();
        var folders = ImageFolder.DistinctFolders(folder, goodFolder).ToLookup(f => MaskFolders.Contains(Path.GetFileName(f)));
        foreach (var kind in folders[false])
        {
            var masks = new MaskFiles([.. folders[true]], Path.GetFileName(kind));
            // Masks are optional in this layout: an image may be known to be defective without a mask of the place.
            tests.AddRange(Images(folder, kind, "test", Path.GetFileName(kind), path => masks.Of(path) is var mask && File.Exists(mask) ? mask : null));
        }

        return new DatasetObject(Path.GetFileName(folder), DatasetLayout.Folder, [.. good.Where((_, i) => i % TestEvery != TestEvery - 1).Select(i => i.Path)], [], tests);
    }

    /// <returns>The path of the nested folder, whose names may differ in upper and lower case; null where there is none.</returns>
    private static string? Below(string folder, params ReadOnlySpan<string> names)
    {
        var found = folder;
        foreach (var name in names)
        {
            if (ImageFolder.Find(found, name) is not { } next)
                return null;
            found = next;
        }

        return Directory.Exists(found) ? found : null;
    }

    private static IEnumerable<DatasetImage> Images(string folder, string source, string split, string kind, Func<string, string?> mask) =>
        from path in ImageFolder.Files(source)
        let below = Path.ChangeExtension(Path.GetRelativePath(Path.GetDirectoryName(folder)!, path), null).Replace('\\', '/')
        let isGood = kind.Equals(Good, StringComparison.OrdinalIgnoreCase)
        select new DatasetImage(below, split, isGood ? Good : kind, path, kind.Length == 0 ? null : !isGood, kind.Length == 0 || isGood ? null : mask(path));
}
