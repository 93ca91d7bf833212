using System.Globalization;

namespace MrfAd.Engine.Features;

/// <summary>One resized version x_s of the image.</summary>
/// <param name="Scale">The scale s as configured, which is also the view's name.</param>
/// <param name="Factor">The factor that was used: s, or more where the image is small.</param>
/// <param name="Width">Width of the view, px.</param>
/// <param name="Height">Height of the view, px.</param>
public sealed record View(double Scale, double Factor, int Width, int Height)
{
    /// <param name="text">The text HEIGHTxWIDTH, in pixels, e.g. <c>1520x2100</c>.</param>
    public static bool TryParseSize(string text, out int width, out int height)
    {
        (width, height) = (0, 0);
        return text.Split('x') is [var first, var second]
            && int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out height) && height is >= 1 and <= 100_000
            && int.TryParse(second, NumberStyles.None, CultureInfo.InvariantCulture, out width) && width is >= 1 and <= 100_000;
    }
}
