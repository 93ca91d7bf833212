using System.Diagnostics;

namespace MrfAd.Testing;

/// <summary>An ext4 file system in a file, which the kernel makes read-only under open files when it is told of an error, as it does on a failing disk; only root can mount one.</summary>
public sealed class FailingDisk : IDisposable
{
    private readonly TemporaryFolder _folder;

    private FailingDisk(TemporaryFolder folder) => _folder = folder;

    public string Path => _folder.File("disk");

    /// <param name="why">Says why there is none.</param>
    public static FailingDisk? Mount(out string why)
    {
        var folder = new TemporaryFolder();
        var (image, disk) = (folder.File("image"), new FailingDisk(folder));
        Directory.CreateDirectory(disk.Path);
        using (var file = File.Create(image))
            file.SetLength(32 * 1024 * 1024);
        try
        {
            why = Run("mkfs.ext4", "-q", "-F", image);
            if (why.Length == 0)
                why = Run("mount", "-o", "loop,errors=remount-ro", image, disk.Path);
            if (why.Length == 0 && disk.Trigger is null)
                why = "the kernel takes no errors for ext4 (/sys/fs/ext4/*/trigger_fs_error)";
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            why = e.Message;
        }

        if (why.Length == 0)
            return disk;
        disk.Dispose();
        why = $"a disk that fails cannot be mounted here: {why}";
        return null;
    }

    /// <summary>Makes the file system read-only for all files, also those that are open for writing.</summary>
    public void Fail() => File.WriteAllText(Trigger!, "1");

    /// <summary>Mounts another disk in its place, with what could be read of the old one.</summary>
    /// <exception cref="IOException">It cannot be mounted.</exception>
    public void Replace()
    {
        var copy = _folder.File("copy");
        foreach (var command in (string[][])[["cp", "-a", Path, copy], ["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", Path], ["cp", "-a", copy + "/.", Path]])
        {
            if (Run(command[0], command[1..]) is { Length: > 0 } why)
                throw new IOException(why);
        }
    }

    public void Dispose()
    {
        // The disk that replaced it may be mounted over it.
        while (Run("umount", "-l", Path).Length == 0)
        {
            // Until nothing is mounted there.
        }

        _folder.Dispose();
    }

    private string? Trigger
    {
        get
        {
            var device = File.ReadLines("/proc/mounts").Select(line => line.Split(' ')).LastOrDefault(mount => mount[1] == Path)?[0];
            var trigger = $"/sys/fs/ext4/{System.IO.Path.GetFileName(device)}/trigger_fs_error";
            return File.Exists(trigger) ? trigger : null;
        }
    }

    private static string Run(string command, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? "" : $"{command} {errors.Trim()}".Trim();
    }
}
