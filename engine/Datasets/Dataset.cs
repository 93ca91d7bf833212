using MrfAd.Engine.Images;

namespace MrfAd.Engine.Datasets;

/// <summary>Finds what a data set holds, as its publisher laid it out.</summary>
public static class Dataset
{
    private const string Good = "good";

    // A plain folder has no split: of its good images, in the order of their names, every fifth is tested and the others are learned.
    private const int TestEvery = 5;

    private static readonly string[] PrivateSplits = ["test_private", "test_private_mixed"];
    private static readonly string[] MaskFolders = ["masks", "ground_truth"];

    /// <param name="path">One object's folder, a folder of objects, or VisA's folder or table.</param>
    /// <param name="only">Names of the objects wanted; null: all.</param>
    /// <exception cref="DatasetException">It has none of the layouts, or not the objects wanted.</exception>
    public static IReadOnlyList<DatasetObject> Read(string path, IReadOnlyList<string>? only = null)
    {
        var root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        var objects = File.Exists(root) && Path.GetExtension(root).Equals(".csv", StringComparison.OrdinalIgnoreCase) ? VisaTable.Read(root)
            : !Directory.Exists(root) ? throw new DatasetException($"no such data set: {path}")
            : File.Exists(VisaTable.In(root)) ? VisaTable.Read(VisaTable.In(root))
            : Object(root) is { } one ? [one]
            : [.. Folders(root).Select(Object).OfType<DatasetObject>()];
        if (objects.Count == 0)
        {
            throw new DatasetException(
                $"{path} is no data set: want an object's folder (train/good and test or test_public; or good), a folder of such, or VisA's with split_csv/1cls.csv");
        }

        if (only?.FirstOrDefault(name => objects.All(o => o.Name != name)) is { } absent)
            throw new DatasetException($"{path} has no object '{absent}' (it has {string.Join(", ", objects.Select(o => o.Name))})");
        var wanted = only is null ? objects : [.. only.Select(name => objects.First(o => o.Name == name))];
        foreach (var o in wanted)
        {
            if (o.Train.Count == 0 || o.Test.Count == 0)
                throw new DatasetException($"{path}: object '{o.Name}' has {o.Train.Count} images to learn from and {o.Test.Count} to test; want some of each");
            if (o.HeldOut.Concat(o.Test).GroupBy(i => i.Name).FirstOrDefault(g => g.Count() > 1) is { } twice)
                throw new DatasetException($"{path}: two images have one name: {string.Join(" and ", twice.Select(i => i.Path))}");
        }

        return wanted;
    }

    private static DatasetObject? Object(string folder)
    {
        if (Directory.Exists(Path.Combine(folder, "train", Good)))
        {
            if (Directory.Exists(Path.Combine(folder, "test_public")))
                return Mvtec2Object(folder);
            if (Directory.Exists(Path.Combine(folder, "test")))
                return MvtecObject(folder);
            throw new DatasetException($"{folder} has train/good, but neither 'test' nor 'test_public'");
        }

        return Directory.Exists(Path.Combine(folder, Good)) ? PlainObject(folder) : null;
    }

    private static DatasetObject MvtecObject(string folder)
    {
        var tests = Folders(Path.Combine(folder, "test")).SelectMany(kind => Images(folder, kind, "test", Path.GetFileName(kind),
            name => Path.Combine(folder, "ground_truth", Path.GetFileName(kind), $"{name}_mask.png")));
        return new DatasetObject(Path.GetFileName(folder), DatasetLayout.MvtecAd, Train(folder), [], [.. tests]);
    }

    private static DatasetObject Mvtec2Object(string folder)
    {
        var split = Path.Combine(folder, "test_public");
        var tests = new[] { Good, "bad" }.SelectMany(kind => Images(folder, Path.Combine(split, kind), "test_public", kind,
            name => Path.Combine(split, "ground_truth", kind, $"{name}_mask.png"))).ToList();
        foreach (var name in PrivateSplits)
            tests.AddRange(Images(folder, Path.Combine(folder, name), name, "", _ => null));
        return new DatasetObject(Path.GetFileName(folder), DatasetLayout.MvtecAd2, Train(folder), [.. Images(folder, Path.Combine(folder, "validation", Good), "validation", Good, _ => null)], tests);
    }

    private static DatasetObject PlainObject(string folder)
    {
        var good = Images(folder, Path.Combine(folder, Good), "test", Good, _ => null).ToList();
        var tests = good.Where((_, i) => i % TestEvery == TestEvery - 1).ToList();
        foreach (var kind in Folders(folder).Where(f => Path.GetFileName(f) is var name && name != Good && !MaskFolders.Contains(name)))
            tests.AddRange(Images(folder, kind, "test", Path.GetFileName(kind), name => PlainMask(folder, Path.GetFileName(kind), name)));
        return new DatasetObject(Path.GetFileName(folder), DatasetLayout.Folder, [.. good.Where((_, i) => i % TestEvery != TestEvery - 1).Select(i => i.Path)], [], tests);
    }

    private static string? PlainMask(string folder, string kind, string name)
    {
        var places = from masks in MaskFolders
                     from file in new[] { $"{name}.png", $"{name}_mask.png" }
                     select Path.Combine(folder, masks, kind, file);
        return places.FirstOrDefault(File.Exists);
    }

    private static List<string> Train(string folder) => [.. Files(Path.Combine(folder, "train", Good))];

    private static IEnumerable<DatasetImage> Images(string folder, string source, string split, string kind, Func<string, string?> mask) =>
        from path in Files(source)
        let name = Path.GetFileNameWithoutExtension(path)
        let below = Path.ChangeExtension(Path.GetRelativePath(Path.GetDirectoryName(folder)!, path), null).Replace('\\', '/')
        select new DatasetImage(below, split, kind, path, kind.Length == 0 ? null : kind != Good, kind is "" or Good ? null : mask(name));

    private static IEnumerable<string> Folders(string folder) => Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal);

    private static IEnumerable<string> Files(string folder) => Directory.Exists(folder)
        ? Directory.EnumerateFiles(folder).Where(f => ImageCodec.Extensions.Contains(Path.GetExtension(f))).Order(StringComparer.Ordinal)
        : [];
}
