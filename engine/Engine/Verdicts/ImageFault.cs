using System.Globalization;

namespace MrfAd.Engine.Verdicts;

/// <summary>An image that cannot be judged: what was measured, and the limit that it is beyond.</summary>
public sealed record ImageFault(ImageFaultKind Kind, double Value, double Limit)
{
    /// <summary>One sentence: what was measured, how much, and what is wanted.</summary>
    public override string ToString()
    {
        var (name, measure, side) = Kind switch
        {
            ImageFaultKind.Dark => ("dark", "mean brightness", "at least"),
            ImageFaultKind.BlownOut => ("blown out", "share of saturated pixels", "at most"),
            ImageFaultKind.Blurred => ("blurred", "sharpness", "at least"),
            ImageFaultKind.PartAbsent => ("the part is absent or another", "likeness to good parts", "at least"),
            _ => ("the part has moved", "way in px", "at most"),
        };
        return string.Create(CultureInfo.InvariantCulture, $"{name}: {measure} {Value:0.####}, want {side} {Limit:0.####}");
    }
}
