using System.Globalization;

namespace MrfAd.Station.Options;

/// <summary>A line: "gpiochip0:17".</summary>
public sealed record GpioAddress(string Chip, int Line)
{
    /// <exception cref="FormatException">It is not of that form.</exception>
    public static GpioAddress Parse(string text)
    {
        var colon = text.LastIndexOf(':');
        return colon > 0 && int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var line)
            ? new(text[..colon], line)
            : throw new FormatException($"want CHIP:LINE, such as gpiochip0:17, got '{text}'");
    }

    public override string ToString() => $"{Chip}:{Line}";
}
