using Xunit;

namespace MrfAd.Testing;

/// <summary>Finds models and images beside the checkout, which are not part of the project.</summary>
public static class SharedFolder
{
    /// <returns>The full path of a file or folder below <c>../shared</c>; where it is absent, the test is skipped with a message.</returns>
    public static string Require(string relativePath)
    {
        var root = Environment.GetEnvironmentVariable("MRFAD_SHARED") ?? Path.Combine(Repository.Root, "..", "shared");
        var path = Path.GetFullPath(Path.Combine(root, relativePath));
        Assert.SkipUnless(Path.Exists(path), $"shared/{relativePath} is not beside this checkout (MRFAD_SHARED can name another place)");
        return path;
    }
}
