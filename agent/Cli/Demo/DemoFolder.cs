using System.Globalization;
using MrfAd.Platform;

namespace MrfAd.Cli.Demo;

/// <summary>The folder with a demo's files. It belongs to the demo: the next run deletes and rewrites it.</summary>
public sealed class DemoFolder
{
    // A file of this name marks a folder that the demo may delete.
    private const string Marker = ".mrfad-demo";

    private DemoFolder(string path) => Path = path;

    public string Path { get; }

    /// <summary>The generated dataset.</summary>
    public string Line => At("line");

    /// <summary>The folder that the station's camera reads its frames from.</summary>
    public string Frames => At("frames");

    /// <summary>The page's pictures.</summary>
    public string Pictures => At("pictures");

    public string Bank => At("demo.mrfbank");

    /// <summary>File with all verdicts in the order of their arrival, one JSON object a line.</summary>
    public string Verdicts => At("verdicts.jsonl");

    public string Page => At("index.html");

    /// <summary>Empties the folder of an earlier demo, or creates a new one.</summary>
    /// <param name="dataset">The user's images, which must not be inside the folder; null if parts are generated.</param>
    /// <exception cref="UsageException">The folder holds the dataset or files of another program, or cannot be written.</exception>
    public static DemoFolder Prepare(string path, string? dataset)
    {
        var folder = new DemoFolder(System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path)));
        if (dataset is not null && $"{System.IO.Path.GetFullPath(dataset)}/".StartsWith($"{folder.Path}/", StringComparison.Ordinal))
            throw new UsageException($"--out: {folder.Path} holds the dataset, and would be emptied; want another folder");
        try
        {
            if (Directory.Exists(path) && UserFiles.Entries(path).Length > 0)
            {
                if (!File.Exists(folder.At(Marker)))
                    throw new UsageException($"--out: {folder.Path} holds files that no demo made; want a new or empty folder");
                UserFiles.DeleteFolder(path);
            }

            UserFiles.CreateFolder(folder.Frames);
            UserFiles.CreateFolder(folder.Pictures);
            UserFiles.WriteText(folder.At(Marker), "");
            return folder;
        }
        catch (IOException e)
        {
            throw new UsageException($"--out: {folder.Path} cannot be written: {e.Message}");
        }
    }

    /// <summary>Links the images of the parts into the camera's folder, in this order.</summary>
    public void Show(IReadOnlyList<DemoPart> parts)
    {
        for (var i = 0; i < parts.Count; i++)
        {
            var name = i.ToString("00000", CultureInfo.InvariantCulture) + System.IO.Path.GetExtension(parts[i].Path);
            var part = parts[i].Path;
            UserFiles.Access(Frames, () => File.CreateSymbolicLink(System.IO.Path.Combine(Frames, name), part));
        }
    }

    private string At(string name) => System.IO.Path.Combine(Path, name);
}
