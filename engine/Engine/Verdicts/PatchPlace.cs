namespace MrfAd.Engine.Verdicts;

/// <summary>The rectangle of a patch in an image, px.</summary>
public sealed record PatchPlace(int X, int Y, int Width, int Height)
{
    /// <summary>Returns the rectangle of patch <paramref name="patch"/> (row-major) of a grid that covers an image.</summary>
    public static PatchPlace InGrid(int patch, int columns, int rows, int width, int height)
    {
        var (row, column) = Math.DivRem(patch, columns);
        var (x, y) = ((int)((long)column * width / columns), (int)((long)row * height / rows));
        return new PatchPlace(x, y, (int)((long)(column + 1) * width / columns) - x, (int)((long)(row + 1) * height / rows) - y);
    }
}
