using MrfAd.Engine.Images;

namespace MrfAd.Engine.Hlgfa;

/// <summary>Resizes an image to the high view and converts it to planes [3, H, W] of samples 0…1.</summary>
internal sealed class ViewFiller(int width, int height) : IDisposable
{
    private Image? _resized;

    /// <param name="image">An image of any size; grey is repeated over the three channels.</param>
    public void Fill(Image image, Span<float> planes)
    {
        if (_resized is null || _resized.Channels != image.Channels || _resized.Depth != image.Depth)
        {
            _resized?.Dispose();
            _resized = new Image(width, height, image.Channels, image.Depth);
        }

        ImageResize.Resize(image, _resized);
        var (pixels, step) = (width * height, image.Channels);
        for (var channel = 0; channel < 3; channel++)
        {
            var plane = planes.Slice(channel * pixels, pixels);
            var at = step == 3 ? channel : 0;
            if (image.Depth == PixelDepth.Eight)
            {
                var samples = _resized.Bytes;
                for (var i = 0; i < pixels; i++, at += step)
                    plane[i] = samples[at] / 255f;
            }
            else
            {
                var samples = _resized.Samples16;
                for (var i = 0; i < pixels; i++, at += step)
                    plane[i] = samples[at] / 65535f;
            }
        }
    }

    public void Dispose() => _resized?.Dispose();
}
