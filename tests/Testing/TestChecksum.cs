using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace MrfAd.Testing;

/// <summary>Takes the checksum out of models, as version 0.1 wrote them.</summary>
public static partial class TestChecksum
{
    /// <returns>The same file without a checksum: there are spaces in its place.</returns>
    public static byte[] Without(byte[] model) =>
        Encoding.Latin1.GetBytes(Metadata().Replace(Encoding.Latin1.GetString(model), found => new string(' ', found.Length), 1));

    /// <summary>Removes the checksum from a header.</summary>
    public static void Remove(JsonObject header)
    {
        var metadata = header["__metadata__"]!.AsObject();
        metadata.Remove("checksum");
        metadata.Remove("has_checksum");
    }

    [GeneratedRegex("\"checksum\":\"sha256:[0-9a-f]{64}\",\"has_checksum\":\"true\",")]
    private static partial Regex Metadata();
}
