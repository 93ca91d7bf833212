namespace MrfAd.Contracts;

/// <summary>The data of the part that came with its trigger; the verdict returns them unchanged.</summary>
/// <param name="Serial">The serial number, see <see cref="Fault"/>; null where none came.</param>
/// <param name="Meta">Free fields; null where none came.</param>
public sealed record PartInfo(string? Serial, PartMeta? Meta)
{
    /// <summary>Maximum number of characters of a serial number and of the id of a part.</summary>
    public const int MaxSerialLength = 200;

    /// <summary>The id that all views of the part share, see <see cref="Fault"/>; null where none came.</summary>
    public string? Id { get; init; }

    /// <returns>The data; null where there are none.</returns>
    public static PartInfo? Of(string? serial, PartMeta? meta, string? id = null) => (serial, meta, id) is (null, null, null) ? null : new(serial, meta) { Id = id };

    /// <summary>Checks a serial number or the id of a part, which come back in verdicts, lists and files.</summary>
    /// <returns>A clause that says what is wanted and what it is; null where the text is fine.</returns>
    public static string? Fault(string text) =>
        text.Length is 0 or > MaxSerialLength ? $"want 1 to {MaxSerialLength} characters, got {text.Length}"
        : text.Any(char.IsControl) ? "want no control character"
        : null;
}
