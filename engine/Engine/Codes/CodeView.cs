using MrfAd.Engine.Images;
using ZXing;

namespace MrfAd.Engine.Codes;

/// <summary>A part of an image as it is given to the decoder: cut out, scaled and turned.</summary>
internal sealed class CodeView : IDisposable
{
    // The decoder's time grows with the pixels: a larger image is made smaller, and its parts are looked at in full.
    private const double MaxPixels = 1e6;

    private readonly Image _pixels;
    private readonly PixelBox _box;
    private readonly double _scale, _cos, _sin;

    /// <param name="image">A grey image [H, W, 1] of 8 bits.</param>
    /// <param name="box">The part of it.</param>
    /// <param name="scale">The wanted scale; a smaller one is taken where the view would become too large.</param>
    /// <param name="degrees">The angle by which it is turned, counter-clockwise.</param>
    public CodeView(Image image, PixelBox box, double scale, double degrees)
    {
        (_box, _scale) = (box, Math.Min(scale, Math.Sqrt(MaxPixels / ((double)box.Width * box.Height))));
        (_sin, _cos) = Math.SinCos(double.DegreesToRadians(degrees));
        using var cut = (box.Width, box.Height) == (image.Width, image.Height) ? null : GreyPixels.Copy(image, box);
        var scaled = ImageResize.Resize(cut ?? image, Math.Max(1, (int)(box.Width * _scale)), Math.Max(1, (int)(box.Height * _scale)));
        _pixels = degrees == 0 ? scaled : Turned(scaled);
    }

    /// <returns>The pixels for the decoder.</returns>
    public LuminanceSource Source() => new RGBLuminanceSource(_pixels.Bytes.ToArray(), _pixels.Width, _pixels.Height, RGBLuminanceSource.BitmapFormat.Gray8);

    /// <returns>The bounding box of points of the view in the image, within the part that the view shows.</returns>
    public PixelBox ToImage(IEnumerable<ResultPoint> points)
    {
        var (left, top, right, bottom) = (double.MaxValue, double.MaxValue, double.MinValue, double.MinValue);
        foreach (var point in points.Where(p => p is not null))
        {
            var (x, y) = (point.X - (_pixels.Width / 2.0), point.Y - (_pixels.Height / 2.0));
            var (u, v) = (_box.X + (_box.Width / 2.0) + (((_cos * x) - (_sin * y)) / _scale), _box.Y + (_box.Height / 2.0) + (((_sin * x) + (_cos * y)) / _scale));
            (left, top, right, bottom) = (Math.Min(left, u), Math.Min(top, v), Math.Max(right, u), Math.Max(bottom, v));
        }

        if (left > right)
            return _box;
        var (x0, y0) = (Math.Clamp((int)Math.Floor(left), _box.X, _box.X + _box.Width - 1), Math.Clamp((int)Math.Floor(top), _box.Y, _box.Y + _box.Height - 1));
        return new PixelBox(x0, y0, Math.Clamp((int)Math.Ceiling(right) - x0, 1, _box.X + _box.Width - x0), Math.Clamp((int)Math.Ceiling(bottom) - y0, 1, _box.Y + _box.Height - y0));
    }

    public void Dispose() => _pixels.Dispose();

    /// <summary>Turns an image about its middle, with the nearest pixels; what comes from outside is white.</summary>
    private Image Turned(Image image)
    {
        using var from = image;
        var (width, height) = ((int)Math.Ceiling((image.Width * Math.Abs(_cos)) + (image.Height * Math.Abs(_sin))), (int)Math.Ceiling((image.Width * Math.Abs(_sin)) + (image.Height * Math.Abs(_cos))));
        var turned = new Image(width, height, 1);
        var source = from.Bytes;
        var target = turned.Bytes;
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var (dx, dy) = (x + 0.5 - (width / 2.0), y + 0.5 - (height / 2.0));
                var (u, v) = ((int)Math.Floor((_cos * dx) - (_sin * dy) + (image.Width / 2.0)), (int)Math.Floor((_sin * dx) + (_cos * dy) + (image.Height / 2.0)));
                target[(y * width) + x] = u >= 0 && u < image.Width && v >= 0 && v < image.Height ? source[(v * image.Width) + u] : byte.MaxValue;
            }
        }

        return turned;
    }
}
