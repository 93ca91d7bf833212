namespace MrfAd.Engine.Images;

/// <summary>
/// The one definition of resizing in the product: banks and frames must be made by the same.
/// Shrinking in both directions is area averaging (OpenCV INTER_AREA), anything else is bilinear (INTER_LINEAR);
/// samples stay at their depth. The papers do not name a filter; area averaging does not alias.
/// </summary>
public static class ImageResize
{
    /// <param name="source">[H, W, C].</param>
    /// <param name="target">[H', W', C] of the same channels and depth; filled.</param>
    /// <exception cref="ArgumentException">Channels or depth differ.</exception>
    public static void Resize(Image source, Image target)
    {
        if (source.Channels != target.Channels || source.Depth != target.Depth)
            throw new ArgumentException($"cannot resize {source} into {target}", nameof(target));
        if (source.Width == target.Width && source.Height == target.Height)
            source.Bytes.CopyTo(target.Bytes);
        else
            OpenCv.Resize(source, target, area: target.Width <= source.Width && target.Height <= source.Height);
    }

    /// <returns>A new image of the size asked for.</returns>
    public static Image Resize(Image source, int width, int height)
    {
        var target = new Image(width, height, source.Channels, source.Depth);
        Resize(source, target);
        return target;
    }
}
