using System.Runtime.InteropServices;

namespace MrfAd.Engine.Images;

/// <summary>DependencySource=system: the machine's OpenCV through <c>opencv_shim.cpp</c>.</summary>
internal static unsafe partial class OpenCv
{
    private const string Shim = "mrfad_opencv";

    public static string Version => Text(mrfad_cv_version());

    public static Image Decode(ReadOnlySpan<byte> encoded, string name)
    {
        fixed (byte* data = encoded)
        {
            Layout layout;
            var mat = mrfad_cv_decode(data, encoded.Length, &layout);
            if (mat == 0)
                throw new ImageFormatException($"{name}: {LastError}");
            try
            {
                var image = layout.ToImage();
                fixed (byte* pixels = image.Bytes)
                    mrfad_cv_copy(mat, pixels);
                return image;
            }
            finally
            {
                mrfad_cv_release(mat);
            }
        }
    }

    public static byte[] Encode(Image image, string extension, int quality)
    {
        fixed (byte* pixels = image.Bytes)
        {
            byte* data;
            int length;
            var buffer = mrfad_cv_encode(extension, Layout.Of(image), pixels, quality, &data, &length);
            if (buffer == 0)
                throw new InvalidOperationException($"cannot encode {image} as {extension}: {LastError}");
            var encoded = new ReadOnlySpan<byte>(data, length).ToArray();
            mrfad_cv_release_buffer(buffer);
            return encoded;
        }
    }

    public static void Resize(Image source, Image target, bool area)
    {
        fixed (byte* from = source.Bytes, to = target.Bytes)
        {
            if (mrfad_cv_resize(Layout.Of(source), from, Layout.Of(target), to, area ? 1 : 0) == 0)
                throw new InvalidOperationException($"cannot resize {source} to {target}: {LastError}");
        }
    }

    public static void Debayer(ReadOnlySpan<byte> mosaic, BayerOrder order, Image target)
    {
        fixed (byte* from = mosaic, to = target.Bytes)
        {
            if (mrfad_cv_debayer(Layout.Of(target), from, (int)order, to) == 0)
                throw new InvalidOperationException($"cannot debayer {target}: {LastError}");
        }
    }

    /// <summary>An open VideoCapture.</summary>
    internal sealed class Video : IDisposable
    {
        private nint _handle;

        public Video(string uri, int device)
        {
            _handle = mrfad_cv_video_open(uri, device);
            if (_handle == 0)
                throw new VideoException($"{uri}: {LastError}");
        }

        public Image? Read()
        {
            ObjectDisposedException.ThrowIf(_handle == 0, this);
            Layout layout;
            if (mrfad_cv_video_read(_handle, &layout) == 0)
                return null;
            var image = layout.ToImage();
            fixed (byte* pixels = image.Bytes)
                mrfad_cv_video_copy(_handle, pixels);
            return image;
        }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _handle, 0) is not 0 and var handle)
                mrfad_cv_video_close(handle);
        }
    }

    private static string LastError => Text(mrfad_cv_error());

    private static string Text(nint utf8) => Marshal.PtrToStringUTF8(utf8) ?? "";

    [LibraryImport(Shim)]
    private static partial nint mrfad_cv_error();

    [LibraryImport(Shim)]
    private static partial nint mrfad_cv_version();

    [LibraryImport(Shim)]
    private static partial nint mrfad_cv_decode(byte* data, int length, Layout* layout);

    [LibraryImport(Shim)]
    private static partial void mrfad_cv_copy(nint mat, byte* pixels);

    [LibraryImport(Shim)]
    private static partial void mrfad_cv_release(nint mat);

    [LibraryImport(Shim, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint mrfad_cv_encode(string extension, Layout layout, byte* pixels, int quality, byte** data, int* length);

    [LibraryImport(Shim)]
    private static partial void mrfad_cv_release_buffer(nint buffer);

    [LibraryImport(Shim)]
    private static partial int mrfad_cv_resize(Layout from, byte* source, Layout to, byte* target, int area);

    [LibraryImport(Shim)]
    private static partial int mrfad_cv_debayer(Layout to, byte* mosaic, int order, byte* target);

    [LibraryImport(Shim, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint mrfad_cv_video_open(string uri, int device);

    [LibraryImport(Shim)]
    private static partial int mrfad_cv_video_read(nint video, Layout* layout);

    [LibraryImport(Shim)]
    private static partial void mrfad_cv_video_copy(nint video, byte* pixels);

    [LibraryImport(Shim)]
    private static partial void mrfad_cv_video_close(nint video);

    /// <summary>The struct of the same name in the shim.</summary>
    private readonly record struct Layout(int Width, int Height, int Channels, int BytesPerSample)
    {
        public static Layout Of(Image image) => new(image.Width, image.Height, image.Channels, (int)image.Depth);

        public Image ToImage() => new(Width, Height, Channels, (PixelDepth)BytesPerSample);
    }
}
