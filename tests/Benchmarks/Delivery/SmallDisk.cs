using System.Diagnostics;

namespace MrfAd.Benchmarks.Delivery;

/// <summary>A small disk of our own (tmpfs), which can be filled; where we may not mount one, a plain folder that cannot.</summary>
public sealed class SmallDisk : IDisposable
{
    private readonly string _path;

    public SmallDisk(string path)
    {
        _path = path;
        Directory.CreateDirectory(path);
        CanBeFilled = Run("mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", path);
    }

    public bool CanBeFilled { get; }

    private string Ballast => Path.Combine(_path, "ballast");

    /// <summary>Not one byte is left. Again, where something was deleted meanwhile.</summary>
    public void Fill()
    {
        using var file = new FileStream(Ballast, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        var bytes = new byte[4 * 1024];
        try
        {
            while (true)
            {
                file.Write(bytes);
            }
        }
        catch (IOException)
        {
            // That is full.
        }
    }

    public void Free() => File.Delete(Ballast);

    public void Dispose()
    {
        if (CanBeFilled)
            Run("umount", "-l", _path);
    }

    private static bool Run(string command, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
