using Xunit;

namespace MrfAd.Testing;

/// <summary>Removes all rights to a folder until it is disposed; the test is skipped for root, who may access it anyway.</summary>
public sealed class LockedFolder : IDisposable
{
    private readonly string _path;
    private readonly UnixFileMode _before;

    public LockedFolder(string path)
    {
        Assert.SkipWhen(Environment.IsPrivilegedProcess, "root may list every folder");
        (_path, _before) = (path, File.GetUnixFileMode(path));
        File.SetUnixFileMode(path, UnixFileMode.None);
    }

    public void Dispose() => File.SetUnixFileMode(_path, _before);
}
