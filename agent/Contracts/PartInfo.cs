namespace MrfAd.Contracts;

/// <summary>The data of the part that came with its trigger; the verdict returns them unchanged.</summary>
/// <param name="Serial">The serial number, see <see cref="SerialFault"/>; null where none came.</param>
/// <param name="Meta">Free fields; null where none came.</param>
public sealed record PartInfo(string? Serial, PartMeta? Meta)
{
    /// <summary>Maximum number of characters of a serial number.</summary>
    public const int MaxSerialLength = 200;

    /// <returns>The data; null where there are none.</returns>
    public static PartInfo? Of(string? serial, PartMeta? meta) => serial is null && meta is null ? null : new(serial, meta);

    /// <summary>Checks a serial number, which comes back in verdicts, lists and files.</summary>
    /// <returns>A clause that says what is wanted and what it is; null where the serial number is fine.</returns>
    public static string? SerialFault(string serial) =>
        serial.Length is 0 or > MaxSerialLength ? $"want 1 to {MaxSerialLength} characters, got {serial.Length}"
        : serial.Any(char.IsControl) ? "want no control character"
        : null;
}
