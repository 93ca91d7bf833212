using System.Diagnostics;

namespace MrfAd.Testing;

/// <summary>A small disk (tmpfs) that can be filled and made read-only; only root can mount one.</summary>
public sealed class SmallDisk : IDisposable
{
    private SmallDisk(string path) => Path = path;

    public string Path { get; }

    private string EmptyFiles => System.IO.Path.Combine(Path, "empty");

    private string Ballast => System.IO.Path.Combine(Path, "ballast");

    /// <param name="why">Says why there is none.</param>
    /// <param name="path">The folder to mount it on; null for a new one.</param>
    /// <param name="inodes">The number of files and folders that it can hold; null for many.</param>
    public static SmallDisk? Mount(out string why, string? path = null, int megabytes = 16, int? inodes = null)
    {
        path ??= Directory.CreateTempSubdirectory("mrfad-disk").FullName;
        Directory.CreateDirectory(path);
        why = Run("mount", "-t", "tmpfs", "-o", FormattableString.Invariant($"size={megabytes}m{(inodes is null ? "" : $",nr_inodes={inodes}")}"), "tmpfs", path);
        return why.Length == 0 ? new SmallDisk(path) : null;
    }

    /// <summary>Fills the disk to the last byte; called again, it also fills space that was freed.</summary>
    public void Fill()
    {
        using var file = new FileStream(Ballast, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        var bytes = new byte[4 * 1024];
        try
        {
            while (true)
                file.Write(bytes);
        }
        catch (IOException)
        {
            // The disk is full.
        }
    }

    public void Free() => File.Delete(Ballast);

    /// <summary>Makes empty files until the disk has no inode left.</summary>
    public void UseUpInodes()
    {
        Directory.CreateDirectory(EmptyFiles);
        try
        {
            for (var i = Directory.GetFiles(EmptyFiles).Length; ; i++)
                File.Create(System.IO.Path.Combine(EmptyFiles, $"{i}")).Dispose();
        }
        catch (IOException)
        {
            // There is none left.
        }
    }

    public void FreeInodes() => Directory.Delete(EmptyFiles, recursive: true);

    /// <summary>Remounts the disk; nothing on it may be open for writing.</summary>
    /// <exception cref="IOException">It cannot be remounted.</exception>
    public void SetReadOnly(bool value)
    {
        if (Run("mount", "-o", value ? "remount,ro" : "remount,rw", Path) is { Length: > 0 } why)
            throw new IOException(why);
    }

    public void Dispose()
    {
        Run("umount", "-l", Path);
        Directory.Delete(Path, recursive: true);
    }

    private static string Run(string command, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? "" : $"a small disk cannot be mounted here: {errors.Trim()}";
    }
}
