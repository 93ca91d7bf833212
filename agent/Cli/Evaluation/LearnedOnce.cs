using MrfAd.Platform;

namespace MrfAd.Cli.Evaluation;

/// <summary>An object's model, learned unless a run that was stopped since has done it.</summary>
internal static class LearnedOnce
{
    /// <param name="path">Of the model; beside it stands what could not be read.</param>
    /// <param name="learn">Writes the model.</param>
    /// <returns>Good images that could not be learned, and why.</returns>
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
