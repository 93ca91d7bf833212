using MrfAd.Engine.Alignment;
using MrfAd.Engine.Detectors;
using MrfAd.Engine.Fusion;
using MrfAd.Engine.Images;
using MrfAd.Engine.Masks;

namespace MrfAd.Engine.Learning;

/// <summary>A good image that is learned.</summary>
/// <param name="Mask">Statistics of its mask; null where the whole image is learned.</param>
/// <param name="Place">The place of the part relative to the reference's; null where images are learned as they lie.</param>
internal sealed record GoodImage(string Path, int Width, int Height, MaskStatistics? Mask, AlignmentResult? Place)
{
    /// <summary>Reads the image, and makes its part upright.</summary>
    /// <returns>A new image.</returns>
    public Image Open()
    {
        var image = ImageCodec.Read(Path);
        if (Place is null)
            return image;
        using (image)
            return ImageAligner.Upright(image, Place);
    }

    /// <returns>The map of the upright image as the image was seen.</returns>
    public AnomalyMap AsSeen(AnomalyMap upright)
    {
        if (Place is null)
            return upright;
        var seen = new AnomalyMap(upright.Width, upright.Height);
        ImageAligner.ToFrame(upright.Scores, seen.Scores, seen.Width, seen.Height, Place.ToFrame);
        return seen;
    }

    /// <summary>Lists the patches (row-major in the grid) that are learned: those that count, and whose centre the image shows.</summary>
    /// <param name="patches">The buffer to fill, with a length of at least columns · rows.</param>
    /// <returns>The number of patches written.</returns>
    public int Patches(PyramidCache pyramids, int columns, int rows, Span<int> patches)
    {
        var count = pyramids.Patches(columns, rows, patches);
        if (Place is null)
            return count;
        var shown = 0;
        foreach (var patch in patches[..count])
        {
            var (row, column) = Math.DivRem(patch, columns);
            var (x, y) = Place.ToFrame.Map((column + 0.5) * Width / columns, (row + 0.5) * Height / rows);
            if (x >= 0 && y >= 0 && x < Width && y < Height)
                patches[shown++] = patch;
        }

        return shown;
    }
}
