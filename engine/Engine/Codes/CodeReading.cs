namespace MrfAd.Engine.Codes;

/// <summary>The result of reading the code in an image: its text, or the reason why there is none.</summary>
/// <param name="Text">The text of the code, of 1 to <see cref="MaxLength"/> characters; null where none was read.</param>
/// <param name="Format">The kind of the code; null where none was read.</param>
/// <param name="Box">The bounding box of the points by which the decoder located the code, in px of the image; null where none was read.</param>
/// <param name="Reason">One sentence that says why no code was read; null where one was.</param>
public sealed record CodeReading(string? Text, CodeFormat? Format, PixelBox? Box, string? Reason)
{
    /// <summary>Maximum number of characters of a text: it is a serial number, not a document.</summary>
    public const int MaxLength = 200;

    /// <summary>The time that reading took.</summary>
    public TimeSpan Time { get; init; }

    /// <returns>The reading of a code that could not be read.</returns>
    public static CodeReading Unread(string reason) => new(null, null, null, reason);
}
