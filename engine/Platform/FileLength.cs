namespace MrfAd.Platform;

/// <summary>Returns the length of a file in bytes; where the path is a link, the length of its target (<see cref="FileInfo.Length"/> is that of the link itself).</summary>
public static class FileLength
{
    public static long Of(string path)
    {
        using var file = UserFiles.OpenHandle(path);
        return RandomAccess.GetLength(file);
    }
}
