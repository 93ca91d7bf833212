namespace MrfAd.Station.Sources;

/// <summary>Distinguishes a file from the one that had its name before: a program may write another picture of the same size within the resolution of the time.</summary>
public readonly record struct FileVersion(bool Exists, long Length, DateTime WrittenUtc, DateTime CreatedUtc)
{
    /// <returns>The version of the file; the default value where there is none.</returns>
    public static FileVersion Of(string path) =>
        new FileInfo(path) is { Exists: true } file ? new FileVersion(true, file.Length, file.LastWriteTimeUtc, file.CreationTimeUtc) : default;
}
