using MrfAd.Platform;

namespace MrfAd.Station.Results;

/// <summary>Says in words why a disk takes no file, where SQLite or the system says only that it failed.</summary>
internal static class DiskFaults
{
    // The code of an IOException where a disk is full: ENOSPC.
    private const int NoSpace = 28;

    // Less free space than that is a full disk, however the failure is named.
    private const long SmallSpace = 128 * 1024;

    /// <returns>True where the disk of a folder has almost no free space.</returns>
    public static bool IsFull(string folder) => FreeBytes(folder) < SmallSpace;

    /// <summary>Makes a file in a folder, writes to it and deletes it.</summary>
    /// <returns>The fault; null where there is none.</returns>
    public static string? Try(string folder)
    {
        var probe = Path.Combine(folder, "results.probe");
        try
        {
            UserFiles.WriteBytes(probe, [0]);
            UserFiles.Delete(probe);
            return null;
        }
        catch (IOException e)
        {
            return Explain(e, folder);
        }
    }

    /// <returns>The words for a failure to make a file on the disk of a folder, which exists.</returns>
    public static string Explain(IOException e, string folder) => e.HResult == NoSpace && FreeBytes(folder) >= SmallSpace ? "the disk takes no further file, though it has space: no inode is left" : e.Message;

    private static long? FreeBytes(string folder)
    {
        try
        {
            return new DriveInfo(folder).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or ArgumentException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
