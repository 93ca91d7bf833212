using MrfAd.Platform;

namespace MrfAd.Cli.Evaluation;

/// <summary>Learns an object's model unless an earlier, stopped run has done so.</summary>
internal static class LearnedOnce
{
    /// <param name="path">Path of the model; the list of skipped images is stored beside it.</param>
    /// <param name="learn">Writes the model and returns the skipped images.</param>
    /// <returns>Good images that could not be learned, with the reason.</returns>
    public static IReadOnlyList<string> Skipped(string path, Func<IReadOnlyList<string>> learn)
    {
        var list = $"{path}.skipped";
        if (File.Exists(path))
            return File.Exists(list) ? UserFiles.ReadLines(list) : [];
        var skipped = learn();
        UserFiles.WriteLines(list, skipped);
        return skipped;
    }
}
