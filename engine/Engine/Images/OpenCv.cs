using OpenCvSharp;

namespace MrfAd.Engine.Images;

/// <summary>Decoding, encoding and resizing by OpenCvSharp4, which nothing else but the module Alignment calls.</summary>
internal static unsafe class OpenCv
{
    public static string Version
    {
        get
        {
            OpenCvLibrary.Load();
            return Cv2.GetVersionString() ?? "unknown";
        }
    }

    public static Image Decode(ReadOnlySpan<byte> encoded, string name)
    {
        OpenCvLibrary.Load();
        try
        {
            using var mat = Cv2.ImDecode(encoded, ImreadModes.AnyColor | ImreadModes.AnyDepth);
            if (mat.Empty())
                throw new ImageFormatException($"{name}: not an image OpenCV can decode, or a damaged one");
            return ToImage(mat, name);
        }
        catch (OpenCVException e)
        {
            throw new ImageFormatException($"{name}: {e.Message}");
        }
    }

    /// <returns>The image with its transparency; an orientation in the file is ignored.</returns>
    public static MaskImage DecodeMask(ReadOnlySpan<byte> encoded, string name)
    {
        OpenCvLibrary.Load();
        using var mat = Cv2.ImDecode(encoded, ImreadModes.Unchanged);
        var (width, height, channels) = (mat.Width, mat.Height, mat.Channels());
        var bytes = mat.Depth() == MatType.CV_16U ? 2 : 1;
        var values = new byte[width * height];
        var opacity = channels is 2 or 4 ? new byte[values.Length] : null;
        for (var y = 0; y < height; y++)
        {
            var row = new ReadOnlySpan<byte>((void*)mat.Ptr(y), width * channels * bytes);
            for (var x = 0; x < width; x++)
            {
                var pixel = row.Slice(x * channels * bytes, channels * bytes);
                if (opacity is not null)
                    opacity[(y * width) + x] = pixel[^1];
                var colour = pixel[..^(opacity is null ? 0 : bytes)];
                var value = 0;
                for (var c = 0; c < colour.Length; c += bytes)
                    value = Math.Max(value, bytes == 1 ? colour[c] : Math.Max((int)colour[c + 1], Math.Min((int)colour[c], 1)));
                values[(y * width) + x] = (byte)value;
            }
        }

        return new MaskImage(width, height, values, opacity, IsLossy: false);
    }

    public static byte[] Encode(Image image, string extension, int quality)
    {
        OpenCvLibrary.Load();
        fixed (byte* pixels = image.Bytes)
        {
            using var rgb = Wrap(image, pixels);
            using var bgr = new Mat();
            if (image.Channels == 3)
                Cv2.CvtColor(rgb, bgr, ColorConversionCodes.RGB2BGR);
            var option = extension == ".jpg"
                ? new ImageEncodingParam(ImwriteFlags.JpegQuality, quality)
                : new ImageEncodingParam(ImwriteFlags.PngCompression, 1);
            Cv2.ImEncode(extension, image.Channels == 3 ? bgr : rgb, out var encoded, option);
            return encoded;
        }
    }

    public static void Resize(Image source, Image target, bool area)
    {
        OpenCvLibrary.Load();
        fixed (byte* from = source.Bytes, to = target.Bytes)
        {
            using var input = Wrap(source, from);
            using var output = Wrap(target, to);
            Cv2.Resize(input, output, output.Size(), 0, 0, area ? InterpolationFlags.Area : InterpolationFlags.Linear);
        }
    }

    public static void Debayer(ReadOnlySpan<byte> mosaic, BayerOrder order, Image target)
    {
        OpenCvLibrary.Load();
        fixed (byte* from = mosaic, to = target.Bytes)
        {
            using var input = Mat.FromPixelData(target.Height, target.Width, MatType.MakeType(TypeOf(target).Depth, 1), (nint)from);
            using var output = Wrap(target, to);
            // OpenCV's older names are those of the second line's second and third pixel, so BayerBG is RGGB.
            Cv2.CvtColor(input, output, order switch
            {
                BayerOrder.RedGreen => ColorConversionCodes.BayerBG2RGB,
                BayerOrder.GreenRed => ColorConversionCodes.BayerGB2RGB,
                BayerOrder.GreenBlue => ColorConversionCodes.BayerGR2RGB,
                _ => ColorConversionCodes.BayerRG2RGB,
            });
        }
    }

    /// <returns>A view of the image's pixels, which must stay pinned meanwhile.</returns>
    public static Mat Wrap(Image image, byte* pixels) =>
        Mat.FromPixelData(image.Height, image.Width, TypeOf(image), (nint)pixels);

    private static MatType TypeOf(Image image) =>
        MatType.MakeType(image.Depth == PixelDepth.Sixteen ? MatType.CV_16U : MatType.CV_8U, image.Channels);

    private static Image ToImage(Mat mat, string name)
    {
        if (mat.Depth() != MatType.CV_8U && mat.Depth() != MatType.CV_16U)
            throw new ImageFormatException($"{name}: pixel depth is neither 8 nor 16 bit unsigned");
        var (channels, depth) = (mat.Channels() == 1 ? 1 : 3, mat.Depth() == MatType.CV_16U ? PixelDepth.Sixteen : PixelDepth.Eight);
        if (mat.Total() * channels * (int)depth > Array.MaxLength)
            throw new ImageFormatException($"{name}: {mat.Width}×{mat.Height} pixels are more than the 2 GB that an image may have");
        var image = new Image(mat.Width, mat.Height, channels, depth);
        fixed (byte* pixels = image.Bytes)
        {
            using var target = Wrap(image, pixels);
            if (mat.Channels() == 1)
                mat.CopyTo(target);
            else
                Cv2.CvtColor(mat, target, mat.Channels() == 4 ? ColorConversionCodes.BGRA2RGB : ColorConversionCodes.BGR2RGB);
        }

        return image;
    }

    /// <summary>An open VideoCapture.</summary>
    internal sealed class Video : IDisposable
    {
        private readonly VideoCapture _capture;
        private readonly Mat _frame;
        private readonly string _path;
        private bool _isFirst = true; // the first frame is already in _frame

        public Video(string path)
        {
            OpenCvLibrary.Load();
            (_path, _capture, _frame) = (path, new VideoCapture(path), new Mat());
            // A file whose codec is missing can be opened, too; only reading a frame shows it.
            if (_capture.IsOpened() && _capture.Read(_frame) && !_frame.Empty())
                return;
            Dispose();
            throw new VideoException($"{path}: OpenCV cannot read it as a video (it gives no reason: no such file, no video, no frames, or a codec that it lacks, as AV1)");
        }

        public Image? Read()
        {
            if (_isFirst)
                _isFirst = false;
            else if (!_capture.Read(_frame) || _frame.Empty())
                return null;
            return ToImage(_frame, _path);
        }

        public void Dispose()
        {
            _frame.Dispose();
            _capture.Dispose();
        }
    }
}
