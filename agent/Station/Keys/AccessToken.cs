using System.Security.Cryptography;
using System.Text;
using MrfAd.Platform;

namespace MrfAd.Station.Keys;

/// <summary>A secret that whoever wants something over HTTP must show.</summary>
public sealed class AccessToken
{
    private const int Shortest = 16;

    private readonly byte[] _sha256;

    /// <param name="file">Holds it alone.</param>
    /// <exception cref="IOException">The file cannot be read, or holds fewer than 16 characters; the text names it.</exception>
    public AccessToken(string file)
    {
        var token = UserFiles.ReadText(file).Trim();
        if (token.Length < Shortest)
            throw new IOException($"{file}: want a token of {Shortest} characters or more, got {token.Length}");
        _sha256 = SHA256.HashData(Encoding.UTF8.GetBytes(token));
    }

    /// <summary>Reads the token of a file.</summary>
    /// <returns>Null where no file is given.</returns>
    /// <exception cref="IOException">As the constructor.</exception>
    public static AccessToken? Open(string? file) => file is null ? null : new AccessToken(file);

    public bool Is(string shown) => CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(shown)), _sha256);
}
