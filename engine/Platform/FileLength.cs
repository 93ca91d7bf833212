namespace MrfAd.Platform;

/// <summary>Bytes of a file: where the path is a link, of what it leads to (<see cref="FileInfo.Length"/> is the link's own).</summary>
public static class FileLength
{
    public static long Of(string path)
    {
        using var file = UserFiles.OpenHandle(path);
        return RandomAccess.GetLength(file);
    }
}
