using System.Diagnostics;

namespace MrfAd.Benchmarks.Delivery;

/// <summary>A small disk (tmpfs) that can be filled; without the permission to mount one, a plain folder that cannot be filled.</summary>
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

    /// <summary>Fills the disk to the last byte; called again, it also fills space that was freed.</summary>
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
            // The disk is full.
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
