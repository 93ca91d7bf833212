using System.Globalization;

namespace MrfAd.Engine.Features;

/// <summary>One resized version x_s of the image.</summary>
/// <param name="Scale">s as asked for; the view's name.</param>
/// <param name="Factor">The factor really used: s, or more where the image is small.</param>
/// <param name="Width">px.</param>
/// <param name="Height">px.</param>
public sealed record View(double Scale, double Factor, int Width, int Height)
{
    /// <param name="text">HEIGHTxWIDTH in pixels, e.g. <c>1520x2100</c>.</param>
    public static bool TryParseSize(string text, out int width, out int height)
    {
        (width, height) = (0, 0);
        return text.Split('x') is [var first, var second]
            && int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out height) && height is >= 1 and <= 100_000
            && int.TryParse(second, NumberStyles.None, CultureInfo.InvariantCulture, out width) && width is >= 1 and <= 100_000;
    }
}
