namespace MrfAd.Engine.Images;

/// <summary>
/// The only definition of resizing: the images of banks and of inspection must be resized in the same way.
/// Shrinking in both directions is area averaging (OpenCV INTER_AREA), anything else is bilinear (INTER_LINEAR);
/// samples stay at their depth. The papers do not name a filter; area averaging does not alias.
/// </summary>
public static class ImageResize
{
    /// <param name="source">The image to resize, [H, W, C].</param>
    /// <param name="target">The image to fill, [H', W', C], with the same channels and depth.</param>
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

    /// <returns>A new image of the requested size.</returns>
    public static Image Resize(Image source, int width, int height)
    {
        var target = new Image(width, height, source.Channels, source.Depth);
        Resize(source, target);
        return target;
    }
}
