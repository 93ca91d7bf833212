using Xunit;

namespace MrfAd.Testing;

/// <summary>A file that not even root can read: a switch of the kernel that can only be written.</summary>
public static class UnreadableFile
{
    private const string Switch = "/proc/sys/vm/compact_memory";

    /// <summary>Links to the file; the test is skipped where the kernel has no such switch.</summary>
    /// <returns>The link's path.</returns>
    public static string Link(string path)
    {
        Assert.SkipUnless(File.Exists(Switch), $"{Switch} is not there");
        File.CreateSymbolicLink(path, Switch);
        return path;
    }
}
