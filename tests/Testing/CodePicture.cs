using MrfAd.Engine.Images;
using ZXing;
using ZXing.Common;
using ZXing.Datamatrix;
using ZXing.Datamatrix.Encoder;

namespace MrfAd.Testing;

/// <summary>Draws codes, made by the decoder's own writer, into grey pictures, as a camera would see them.</summary>
public sealed class CodePicture
{
    // Samples of a pixel along each side, so that edges are as soft as a lens makes them.
    private const int Samples = 4;

    private readonly double[] _grey;

    /// <param name="background">The grey level of the picture, 0 to 255.</param>
    public CodePicture(int width, int height, double background = 220)
    {
        (Width, Height, _grey) = (width, height, new double[width * height]);
        Array.Fill(_grey, background);
    }

    public int Width { get; }

    public int Height { get; }

    /// <summary>Draws a code with its quiet zone.</summary>
    /// <param name="x">The column of its middle, px.</param>
    /// <param name="y">The row of its middle, px.</param>
    /// <param name="module">The size of a module, or of the narrowest bar, px.</param>
    /// <param name="degrees">The angle by which it is turned, clockwise in the picture.</param>
    /// <param name="dark">The grey level of the code.</param>
    /// <param name="light">The grey level of its quiet zone and gaps.</param>
    public CodePicture Draw(BarcodeFormat format, string text, double x, double y, double module = 4, double degrees = 0, double dark = 40, double light = 220)
    {
        var code = Encode(format, text);
        // A bar code is one row of modules, drawn as high as a third of its width.
        var (columns, rows) = (code.Width, code.Height == 1 ? Math.Max(20, code.Width / 3.0) : code.Height);
        var quiet = code.Height == 1 ? 10 : 4;
        var (sin, cos) = Math.SinCos(double.DegreesToRadians(degrees));
        var reach = module * double.Hypot(columns + (2 * quiet), rows + (2 * quiet)) / 2;
        Fill(x - reach, y - reach, 2 * reach, 2 * reach, (u, v) =>
        {
            var (column, row) = ((((cos * (u - x)) + (sin * (v - y))) / module) + (columns / 2.0), (((-sin * (u - x)) + (cos * (v - y))) / module) + (rows / 2.0));
            if (column < -quiet || row < -quiet || column >= columns + quiet || row >= rows + quiet)
                return null;
            var isDark = column >= 0 && row >= 0 && column < columns && row < rows && code[(int)column, code.Height == 1 ? 0 : (int)row];
            return isDark ? dark : light;
        });
        return this;
    }

    /// <summary>Paints over a rectangle.</summary>
    public CodePicture Cover(double left, double top, double width, double height, double grey)
    {
        Fill(left, top, width, height, (u, v) => u >= left && v >= top && u < left + width && v < top + height ? grey : null);
        return this;
    }

    /// <summary>Blurs with a Gaussian.</summary>
    /// <param name="sigma">The standard deviation in px.</param>
    public CodePicture Blur(double sigma)
    {
        var radius = (int)Math.Ceiling(3 * sigma);
        var weights = Enumerable.Range(-radius, (2 * radius) + 1).Select(i => Math.Exp(-i * i / (2 * sigma * sigma))).ToArray();
        foreach (var step in (int[])[1, Width])
        {
            var before = _grey.ToArray();
            for (var i = 0; i < before.Length; i++)
            {
                var (at, length) = step == 1 ? (i % Width, Width) : (i / Width, Height);
                var (sum, weight) = (0.0, 0.0);
                for (var d = -radius; d <= radius; d++)
                {
                    if (at + d < 0 || at + d >= length)
                        continue;
                    sum += weights[d + radius] * before[i + (d * step)];
                    weight += weights[d + radius];
                }

                _grey[i] = sum / weight;
            }
        }

        return this;
    }

    /// <summary>Adds noise.</summary>
    /// <param name="amplitude">The largest change of a grey level, either way.</param>
    public CodePicture Noise(double amplitude, int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < _grey.Length; i++)
            _grey[i] += amplitude * ((2 * random.NextDouble()) - 1);
        return this;
    }

    /// <summary>Changes the light: grey levels are multiplied.</summary>
    public CodePicture Light(double factor)
    {
        for (var i = 0; i < _grey.Length; i++)
            _grey[i] *= factor;
        return this;
    }

    /// <returns>The picture as an image, which the caller owns.</returns>
    public Image ToImage(int channels = 1, PixelDepth depth = PixelDepth.Eight)
    {
        var image = new Image(Width, Height, channels, depth);
        for (var i = 0; i < _grey.Length * channels; i++)
        {
            var grey = Math.Clamp(_grey[i / channels], 0, 255);
            if (depth == PixelDepth.Eight)
                image.Bytes[i] = (byte)Math.Round(grey);
            else
                image.Samples16[i] = (ushort)Math.Round(grey * 257);
        }

        return image;
    }

    private static BitMatrix Encode(BarcodeFormat format, string text)
    {
        var options = format == BarcodeFormat.DATA_MATRIX ? new DatamatrixEncodingOptions { SymbolShape = SymbolShapeHint.FORCE_SQUARE } : new EncodingOptions();
        (options.Width, options.Height, options.Margin, options.PureBarcode) = (1, 1, 0, true);
        return new BarcodeWriterGeneric { Format = format, Options = options }.Encode(text);
    }

    /// <summary>Paints the pixels that touch a rectangle: each with the mean of its samples, of which some may leave it as it is.</summary>
    private void Fill(double left, double top, double width, double height, Func<double, double, double?> grey)
    {
        for (var y = Math.Max(0, (int)top); y < Math.Min(Height, top + height); y++)
        {
            for (var x = Math.Max(0, (int)left); x < Math.Min(Width, left + width); x++)
            {
                var (at, sum) = ((y * Width) + x, 0.0);
                for (var s = 0; s < Samples * Samples; s++)
                    sum += grey(x + (((s % Samples) + 0.5) / Samples), y + (((s / Samples) + 0.5) / Samples)) ?? _grey[at];
                _grey[at] = sum / (Samples * Samples);
            }
        }
    }
}
