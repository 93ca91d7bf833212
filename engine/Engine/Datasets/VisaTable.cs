using MrfAd.Engine.Images;
using MrfAd.Platform;

namespace MrfAd.Engine.Datasets;

/// <summary>VisA's table of images: object, split (train, test), label (normal, anomaly), image, mask; paths are relative to the data set's root.</summary>
internal static class VisaTable
{
    private static readonly string[] Columns = ["object", "split", "label", "image", "mask"];

    /// <returns>The path of the table of the one-class split in VisA's folder.</returns>
    public static string In(string root) => Path.Combine(root, "split_csv", "1cls.csv");

    /// <exception cref="DatasetException">A column is missing, or a line has another shape; the text names the line.</exception>
    public static IReadOnlyList<DatasetObject> Read(string table)
    {
        var lines = UserFiles.ReadLines(table);
        var header = lines.Length == 0 ? [] : lines[0].TrimStart('\uFEFF').Split(',', StringSplitOptions.TrimEntries);
        if (Columns.FirstOrDefault(c => !header.Contains(c)) is { } missing)
            throw new DatasetException($"{table}: no column '{missing}' (want {string.Join(", ", Columns)})");
        var at = Columns.Select(c => Array.IndexOf(header, c)).ToArray();
        var rows = new List<string[]>();
        for (var i = 1; i < lines.Length; i++)
        {
            if (lines[i].Length == 0)
                continue;
            var cells = lines[i].Split(',', StringSplitOptions.TrimEntries);
            if (cells.Length != header.Length)
                throw new DatasetException($"{table}, line {i + 1}: want {header.Length} columns, got {cells.Length}");
            string[] row = [.. at.Select(c => cells[c])];
            if (row[3..].FirstOrDefault(p => Path.IsPathRooted(p) || p.Split('/').Contains("..")) is { } outside)
                throw new DatasetException($"{table}, line {i + 1}: '{outside}' lies outside the data set");
            rows.Add(row);
        }

        var root = Root(table, rows);
        return [.. rows.GroupBy(r => r[0]).Select(o => Object(root, o.Key, [.. o]))];
    }

    private static DatasetObject Object(string root, string name, List<string[]> rows) => new(
        name,
        DatasetLayout.Visa,
        [.. rows.Where(r => r[1] == "train").Select(r => Path.Combine(root, r[3]))],
        [],
        [.. rows.Where(r => r[1] == "test").Select(r => Image(root, r[2], r[3], r[4]))]);

    private static DatasetImage Image(string root, string label, string image, string mask)
    {
        var defective = label != "normal";
        return new DatasetImage(
            Path.ChangeExtension(image, null), "test", defective ? label : "good", Path.Combine(root, image), defective,
            !defective ? null : AnyCase(Path.Combine(root, mask.Length > 0 ? mask : Path.ChangeExtension(image.Replace("Images", "Masks", StringComparison.Ordinal), ".png"))));
    }

    private static string AnyCase(string path) => ImageFolder.Find(Path.GetDirectoryName(path)!, Path.GetFileName(path)) ?? path;

    /// <summary>Returns the data set's root: the table lies in it, or in its subfolder <c>split_csv</c>.</summary>
    private static string Root(string table, List<string[]> rows)
    {
        var folder = Path.GetDirectoryName(table)!;
        var above = Path.GetDirectoryName(folder) ?? folder;
        return rows.Count > 0 && File.Exists(Path.Combine(above, rows[0][3])) ? above : folder;
    }
}
