using MrfAd.Engine.Images;
using MrfAd.Engine.Metrics;

namespace MrfAd.Engine.Datasets;

/// <summary>Reads what the masks of a data set say.</summary>
public static class DatasetMask
{
    /// <param name="width">Of the image, px.</param>
    /// <returns>The regions; none for a good image; null where the image has no mask and needs none.</returns>
    /// <exception cref="DatasetException">The mask is absent, unreadable, of another size than the image, or marks nothing on a defective image.</exception>
    public static MaskRegions? Read(DatasetImage image, int width, int height)
    {
        if (image.Defective == false)
            return MaskRegions.None(width, height);
        if (image.Mask is null)
            return null;
        if (!File.Exists(image.Mask))
            throw new DatasetException($"{image.Path}: its mask {image.Mask} does not exist");
        try
        {
            using var mask = ImageCodec.Read(image.Mask);
            if (mask.Width != width || mask.Height != height)
                throw new DatasetException($"{image.Mask}: the mask is {mask.Width}x{mask.Height}, its image {width}x{height}");
            var regions = new MaskRegions(Marked(mask), width, height);
            return regions.Sizes.Count > 0 ? regions : throw new DatasetException($"{image.Mask}: marks nothing, but the image is '{image.Kind}'");
        }
        catch (Exception e) when (e is ImageFormatException or IOException or UnauthorizedAccessException)
        {
            throw new DatasetException($"{image.Mask}: the mask cannot be read: {e.Message}", e);
        }
    }

    /// <summary>[H·W], not 0 where any sample of the pixel is.</summary>
    private static ReadOnlySpan<byte> Marked(Image mask)
    {
        var bytesPerPixel = mask.Channels * (int)mask.Depth;
        if (bytesPerPixel == 1)
            return mask.Bytes;
        var marked = new byte[mask.Width * mask.Height];
        for (var i = 0; i < marked.Length; i++)
            marked[i] = mask.Bytes.Slice(i * bytesPerPixel, bytesPerPixel).ContainsAnyExcept((byte)0) ? (byte)255 : (byte)0;
        return marked;
    }
}
