using System.Globalization;

namespace MrfAd.Station.Options;

/// <summary>The address of a GPIO line: a chip and a line number, written "gpiochip0:17".</summary>
public sealed record GpioAddress(string Chip, int Line)
{
    /// <exception cref="FormatException">The text is not of that form.</exception>
    public static GpioAddress Parse(string text)
    {
        var colon = text.LastIndexOf(':');
        return colon > 0 && int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var line)
            ? new(text[..colon], line)
            : throw new FormatException($"want CHIP:LINE, such as gpiochip0:17, got '{text}'");
    }

    public override string ToString() => $"{Chip}:{Line}";
}
