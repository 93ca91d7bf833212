namespace MrfAd.Engine.Codes;

/// <summary>A rectangle of an image in px.</summary>
public readonly record struct PixelBox(int X, int Y, int Width, int Height)
{
    /// <summary>Returns true where the rectangle has pixels and all of them are in an image of that size.</summary>
    public bool IsWithin(int width, int height) => X >= 0 && Y >= 0 && Width > 0 && Height > 0 && (long)X + Width <= width && (long)Y + Height <= height;

    /// <summary>Returns true where the rectangles share a pixel.</summary>
    public bool Overlaps(PixelBox other) => X < other.X + other.Width && other.X < X + Width && Y < other.Y + other.Height && other.Y < Y + Height;

    /// <summary>Returns the rectangle with so many pixels more on each side, or as many as an image of that size has on both sides: its middle stays.</summary>
    public PixelBox Grown(int by, int width, int height)
    {
        var (x, y) = (Math.Min(by, Math.Min(X, width - X - Width)), Math.Min(by, Math.Min(Y, height - Y - Height)));
        return new(X - x, Y - y, Width + (2 * x), Height + (2 * y));
    }

    public override string ToString() => FormattableString.Invariant($"[{X}, {Y}, {Width}, {Height}]");
}
