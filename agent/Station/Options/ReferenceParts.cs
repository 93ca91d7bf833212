using MrfAd.Engine.Images;

namespace MrfAd.Station.Options;

/// <summary>Finds the images of reference parts, whose verdict is known: <c>good/</c> and <c>bad/</c> in one folder.</summary>
public static class ReferenceParts
{
    /// <returns>The paths of the images, and true for a defective part; empty where there is no folder.</returns>
    /// <exception cref="IOException">A folder cannot be listed.</exception>
    public static IReadOnlyList<(string Path, bool IsBad)> In(string? folder) => folder is null ? [] : [.. Of(folder, "good", false), .. Of(folder, "bad", true)];

    private static IEnumerable<(string, bool)> Of(string folder, string kind, bool isBad) =>
        ImageFolder.Files(Path.Combine(folder, kind)).Select(path => (path, isBad));
}
