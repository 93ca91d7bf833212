using System.Security.Cryptography;
using System.Text;
using MrfAd.Platform;

namespace MrfAd.Engine.Banks;

/// <summary>Computes a digest of the images that a bank is made of, for its manifest: SHA-256 of their names and bytes, in their order, and then of each change made since.</summary>
internal static class TrainingDigest
{
    public static string OfImages(IReadOnlyList<(string Path, string Name)> images) => Of(images.Select(image =>
    {
        using var file = UserFiles.OpenRead(image.Path);
        return $"{image.Name} {Convert.ToHexStringLower(SHA256.HashData(file))}";
    }).ToList());

    /// <param name="lines">The texts to digest, one a line: earlier digests and names.</param>
    public static string Of(IReadOnlyList<string> lines) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', lines))));
}
