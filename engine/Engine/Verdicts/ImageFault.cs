using System.Globalization;

namespace MrfAd.Engine.Verdicts;

/// <summary>The reason why an image cannot be judged: the kind of fault, the measured value and the limit that it exceeds.</summary>
public sealed record ImageFault(ImageFaultKind Kind, double Value, double Limit)
{
    /// <summary>Describes the fault in one sentence: the measure, its value and the limit.</summary>
    public override string ToString()
    {
        var (name, measure, side) = Kind switch
        {
            ImageFaultKind.Dark => ("dark", "mean brightness", "at least"),
            ImageFaultKind.BlownOut => ("blown out", "share of saturated pixels", "at most"),
            ImageFaultKind.Blurred => ("blurred", "sharpness", "at least"),
            ImageFaultKind.PartAbsent => ("the part is absent or another", "likeness to good parts", "at least"),
            ImageFaultKind.ProductMismatch => ("the part is another product's", "likeness to good parts", "at least"),
            ImageFaultKind.NotAligned => ("the part cannot be aligned", "correlation with the reference", "at least"),
            ImageFaultKind.CodeUnreadable => ("the code is unreadable", "codes read", "at least"),
            _ => ("the part has moved", "way in px", "at most"),
        };
        return string.Create(CultureInfo.InvariantCulture, $"{name}: {measure} {Value:0.####}, want {side} {Limit:0.####}");
    }
}
