namespace MrfAd.Engine.Masks;

/// <summary>
/// Fills polygons: a pixel belongs to one where its centre does. OpenCV's fillPoly also draws the border, by which an ignored region would be a pixel larger than it was drawn.
/// </summary>
internal static class PolygonRaster
{
    /// <param name="points">The corners, px; the centre of the first pixel is (0.5, 0.5). They may lie outside of the picture.</param>
    /// <param name="picture">The picture to fill, [H·W].</param>
    public static void Fill(ReadOnlySpan<(double X, double Y)> points, Span<byte> picture, int width, byte value)
    {
        var height = picture.Length / width;
        var (top, bottom) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (var (_, y) in points)
            (top, bottom) = (Math.Min(top, y), Math.Max(bottom, y));
        Span<double> crossings = points.Length <= 256 ? stackalloc double[points.Length] : new double[points.Length];
        for (var row = FirstCentre(top, height); row < FirstCentre(bottom, height); row++)
        {
            var found = crossings[..Crossings(points, row + 0.5, crossings)];
            found.Sort();
            for (var i = 0; i + 1 < found.Length; i += 2)
            {
                var (left, right) = (FirstCentre(found[i], width), FirstCentre(found[i + 1], width));
                picture.Slice((row * width) + left, right - left).Fill(value);
            }
        }
    }

    /// <returns>The number of sides that cross a horizontal line; where they do is written to <paramref name="crossings"/>.</returns>
    private static int Crossings(ReadOnlySpan<(double X, double Y)> points, double y, Span<double> crossings)
    {
        var found = 0;
        for (var i = 0; i < points.Length; i++)
        {
            var (a, b) = (points[i], points[i + 1 < points.Length ? i + 1 : 0]);
            if (a.Y <= y != b.Y <= y)
                crossings[found++] = a.X + ((y - a.Y) / (b.Y - a.Y) * (b.X - a.X));
        }

        return found;
    }

    /// <returns>The first of the pixels 0 … count whose centre is not before a place.</returns>
    private static int FirstCentre(double place, int count) => (int)Math.Clamp(Math.Ceiling(place - 0.5), 0, count);
}
