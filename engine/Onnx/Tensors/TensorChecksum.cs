using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace MrfAd.Onnx.Tensors;

/// <summary>
/// The checksum that a file carries in its own metadata: SHA-256 of the whole file, in which the checksum's digits count as zeros. A second entry says that there is
/// one, so that damage to the first one's name cannot make the file look like one without.
/// </summary>
internal static class TensorChecksum
{
    /// <summary>The metadata of the checksum itself.</summary>
    public const string Key = "checksum";

    /// <summary>The metadata that says that there is a checksum.</summary>
    public const string Presence = "has_checksum";

    public const string Present = "true";

    private const string Kind = "sha256:";

    private const int Digits = 2 * SHA256.HashSizeInBytes;

    /// <summary>The text in place of a checksum that is not known yet.</summary>
    public static string Unknown { get; } = Kind + new string('0', Digits);

    private static ReadOnlySpan<byte> Zeros => "0000000000000000000000000000000000000000000000000000000000000000"u8;

    /// <returns>The offset of the checksum's digits in a header, bytes; null where it has no checksum.</returns>
    /// <exception cref="JsonException">The header is no JSON, or its checksum has not the form that it has here.</exception>
    public static int? Find(ReadOnlySpan<byte> header)
    {
        var json = new Utf8JsonReader(header);
        var inMetadata = false;
        while (json.Read())
        {
            if (json.TokenType != JsonTokenType.PropertyName)
                continue;
            if (json.CurrentDepth == 1)
                inMetadata = json.ValueTextEquals("__metadata__");
            if (!inMetadata || json.CurrentDepth != 2 || !json.ValueTextEquals(Key))
                continue;
            json.Read();
            if (json.TokenType != JsonTokenType.String || json.ValueIsEscaped || json.ValueSpan.Length != Kind.Length + Digits || !json.ValueSpan.StartsWith(Encoding.ASCII.GetBytes(Kind)))
                throw new JsonException($"the metadata '{Key}' is no checksum: want {Kind} and {Digits} digits");
            return (int)json.TokenStartIndex + 1 + Kind.Length; // behind the quote
        }

        return null;
    }

    /// <summary>Adds a block of a file to its checksum, without the digits.</summary>
    /// <param name="offset">The offset of the block in the file.</param>
    /// <param name="digits">The offset of the digits in the file.</param>
    public static void Append(IncrementalHash hash, ReadOnlySpan<byte> block, long offset, long digits)
    {
        var (begin, end) = (Math.Clamp(digits - offset, 0, block.Length), Math.Clamp(digits + Digits - offset, 0, block.Length));
        hash.AppendData(block[..(int)begin]);
        hash.AppendData(Zeros[..(int)(end - begin)]);
        hash.AppendData(block[(int)end..]);
    }

    public static string Text(byte[] hash) => Kind + Convert.ToHexStringLower(hash);

    /// <returns>The digits of a checksum, as they stand in the file.</returns>
    public static byte[] DigitsOf(byte[] hash) => Encoding.ASCII.GetBytes(Convert.ToHexStringLower(hash));
}
