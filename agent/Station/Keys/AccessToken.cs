using System.Security.Cryptography;
using System.Text;
using MrfAd.Platform;

namespace MrfAd.Station.Keys;

/// <summary>A secret that a client must show to use an HTTP endpoint.</summary>
public sealed class AccessToken
{
    private const int MinLength = 16;

    private readonly byte[] _sha256;

    /// <param name="file">The path of a text file that holds the token alone.</param>
    /// <exception cref="IOException">The file cannot be read, or holds fewer than 16 characters; the text names it.</exception>
    public AccessToken(string file)
    {
        var token = UserFiles.ReadText(file).Trim();
        if (token.Length < MinLength)
            throw new IOException($"{file}: want a token of {MinLength} characters or more, got {token.Length}");
        _sha256 = SHA256.HashData(Encoding.UTF8.GetBytes(token));
    }

    /// <summary>Reads the token of a file, if one is given.</summary>
    /// <returns>The token; null where no file is given.</returns>
    /// <exception cref="IOException">The file cannot be read, or holds fewer than 16 characters; the text names it.</exception>
    public static AccessToken? Open(string? file) => file is null ? null : new AccessToken(file);

    /// <summary>Compares in constant time.</summary>
    public bool Is(string shown) => CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(shown)), _sha256);
}
