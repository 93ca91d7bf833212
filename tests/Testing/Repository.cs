namespace MrfAd.Testing;

/// <summary>Finds the checkout that the tests run in.</summary>
public static class Repository
{
    /// <summary>The folder that holds the solution.</summary>
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    private static string Find(string folder)
    {
        for (var at = new DirectoryInfo(folder); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "MrfAd.Edge.sln")))
                return at.FullName;
        }

        throw new DirectoryNotFoundException($"no MrfAd.Edge.sln above {folder}");
    }
}
