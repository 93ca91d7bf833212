namespace MrfAd.Engine.Banks;

/// <summary>The names of images in the bank that was learned from them: their paths below the folder that they came from, '/' between.</summary>
public static class ImageNames
{
    /// <param name="root">The folder that names are relative to; null means that an image is called by its file's name alone.</param>
    public static string Of(string path, string? root) =>
        (root is null ? Path.GetFileName(path) : Path.GetRelativePath(root, path).Replace(Path.DirectorySeparatorChar, '/'))
        // A bank stores one name a line, so a name must not contain a line break.
        .Replace('\n', '\u240A');

    /// <summary>Finds the image that a user means by its whole name, or by its end where that is enough: "001.png" for "day1/001.png".</summary>
    /// <returns>The index of the image among the names.</returns>
    /// <exception cref="LearnException">No image has that name, or several have.</exception>
    public static int Find(IReadOnlyList<string> names, string wanted, string bank)
    {
        int[] found = [.. Places(name => name == wanted)];
        if (found.Length == 0)
            found = [.. Places(name => name.EndsWith($"/{wanted}", StringComparison.Ordinal))];
        return found.Length switch
        {
            1 => found[0],
            0 => throw new LearnException($"no image '{wanted}' in the bank '{bank}'; 'bank info --images' lists them"),
            _ when names[found[0]] == wanted => throw new LearnException($"the bank '{bank}' has {found.Length} images called '{wanted}', learned before names told their folders: which is meant cannot be said; learn the bank again"),
            _ => throw new LearnException($"'{wanted}' may be {string.Join(" or ", found.Select(i => $"'{names[i]}'"))} in the bank '{bank}'"),
        };

        IEnumerable<int> Places(Func<string, bool> isMeant) => Enumerable.Range(0, names.Count).Where(i => isMeant(names[i]));
    }
}
