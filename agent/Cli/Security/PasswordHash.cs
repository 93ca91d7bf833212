using System.Security.Cryptography;
using System.Text;

namespace MrfAd.Cli.Security;

/// <summary>The lines of mosquitto's password file: PBKDF2 with SHA-512, as the password tool of mosquitto 2 writes them.</summary>
public static class PasswordHash
{
    // mosquitto's own number. The passwords hashed here are random and of 128 bits, so that guessing is hopeless anyway.
    private const int Rounds = 101;

    private const int SaltBytes = 12, HashBytes = 64;

    /// <returns>The line of a user, without a line break.</returns>
    public static string Line(string user, string password)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        var hash = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, Rounds, HashAlgorithmName.SHA512, HashBytes);
        return $"{user}:$7${Rounds}${Convert.ToBase64String(salt)}${Convert.ToBase64String(hash)}";
    }
}
