using System.Security.Cryptography;
using System.Text;
using MrfAd.Platform;

namespace MrfAd.Engine.Banks;

/// <summary>A digest of the images that a bank is made of, for its manifest: their names and bytes, in their order; then of what was done since.</summary>
internal static class TrainingDigest
{
    public static string OfImages(IReadOnlyList<(string Path, string Name)> images) => Of(images.Select(image =>
    {
        using var file = UserFiles.OpenRead(image.Path);
        return $"{image.Name} {Convert.ToHexStringLower(SHA256.HashData(file))}";
    }).ToList());

    /// <param name="lines">What came together: earlier digests, names.</param>
    public static string Of(IReadOnlyList<string> lines) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', lines))));
}
