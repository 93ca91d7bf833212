using System.Text;

namespace MrfAd.Platform;

/// <summary>Recognises files that are often saved in place of a model or an image by mistake: a Git LFS pointer, a web page, an archive.</summary>
public static class FileKind
{
    public const string Picture = "a picture";

    private const int PrefixBytes = 1024;

    /// <returns>A noun phrase that describes the file ("a Git LFS pointer …"); null where the kind is not known here.</returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static string? Describe(string path)
    {
        using var file = UserFiles.OpenRead(path);
        Span<byte> start = stackalloc byte[PrefixBytes];
        return Describe(start[..file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)]);
    }

    /// <returns>A clause to append to an error message, such as "; it is a web page (HTML)"; empty where the kind is not known here.</returns>
    /// <inheritdoc cref="Describe(string)"/>
    public static string Clause(string path) => Describe(path) is { } kind ? $"; it is {kind}" : "";

    /// <param name="start">The file's first bytes, or all of them; a kilobyte is looked at.</param>
    public static string? Describe(ReadOnlySpan<byte> start)
    {
        if (start.IsEmpty)
            return "empty";
        start = start[..Math.Min(start.Length, PrefixBytes)];
        if (start.StartsWith("PK\x03\x04"u8))
            return "a ZIP archive";
        if (start.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]))
            return "packed by gzip: unpack it first";
        if (start.StartsWith("\x89PNG"u8) || start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]))
            return Picture;
        if (start.IndexOfAnyInRange((byte)0, (byte)8) >= 0)
            return null;
        var text = Encoding.UTF8.GetString(start).TrimStart('\uFEFF', ' ', '\t', '\r', '\n');
        return text switch
        {
            _ when Begins(text, "version https://git-lfs") => "a Git LFS pointer, not the file itself: 'git lfs pull' brings it",
            _ when Begins(text, "<!doctype html") || Begins(text, "<html") || Begins(text, "<head") => "a web page (HTML), not the file that was asked for: its address may want a sign-in",
            _ when Begins(text, "<?xml") || Begins(text, "<error") => "an XML text, as a server answers with an error",
            ['{' or '[', ..] => "a JSON text",
            _ => "a text",
        };
    }

    private static bool Begins(string text, string with) => text.StartsWith(with, StringComparison.OrdinalIgnoreCase);
}
