using MrfAd.Engine.Masks;

namespace MrfAd.Cli.Terminal;

/// <summary>Describes the masks of a bank in words.</summary>
internal static class MaskText
{
    // A larger share of unusual masks among the good parts shows that the mask model does not suit such parts.
    private const double TooMany = 0.1;

    public static string Describe(MaskDescription mask, int images)
    {
        var usual = mask.Reference;
        var text = FormattableString.Invariant(
            $"background left out by {mask.ModelId}: the part covers {usual.Area.Median:0.0 %} of the image (believed from {Math.Max(0, usual.Area.Low):0.0 %} to {Math.Min(1, usual.Area.High):0.0 %}); {usual.Outliers} of {images} masks were not believed");
        return usual.Outliers <= TooMany * images ? text : $"{text}: this model does not tell these parts from their background, learn them whole";
    }
}
