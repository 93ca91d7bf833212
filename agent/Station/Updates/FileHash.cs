using System.Security.Cryptography;
using MrfAd.Platform;

namespace MrfAd.Station.Updates;

/// <summary>Computes the SHA-256 of a file of any size.</summary>
public static class FileHash
{
    /// <returns>64 lower-case hexadecimal digits.</returns>
    public static string Of(string path, CancellationToken cancellation, Action<double>? progress = null)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var file = UserFiles.Open(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 0);
        var buffer = new byte[1 << 20];
        for (int read; (read = file.Read(buffer)) > 0;)
        {
            cancellation.ThrowIfCancellationRequested();
            hash.AppendData(buffer, 0, read);
            progress?.Invoke((double)file.Position / file.Length);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
