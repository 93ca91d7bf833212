using System.Security.Cryptography;
using System.Text;

namespace MrfAd.Cli.Evaluation;

/// <summary>Makes file names that every file system takes of the names of images.</summary>
public static class FileNames
{
    // File systems allow 255 bytes; this leaves room for an ending, a hash of the whole path and the suffix of a temporary file.
    private const int BytesMax = 180;

    /// <returns>The name where it is short enough; otherwise its beginning and a hash of the whole.</returns>
    public static string Shortened(string name)
    {
        if (Encoding.UTF8.GetByteCount(name) <= BytesMax)
            return name;
        var length = name.Length;
        while (Encoding.UTF8.GetByteCount(name.AsSpan(0, length)) > BytesMax)
            length--;
        return $"{name[..(char.IsHighSurrogate(name[length - 1]) ? length - 1 : length)]}-{Digest(name)}";
    }

    public static string Digest(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..8];
}
