namespace MrfAd.Engine.Alignment;

/// <summary>
/// A rotation, a uniform scaling and a shift of the plane: x' = a·x − b·y + tx, y' = b·x + a·y + ty. Coordinates are px from the image's top left corner, so that the
/// centre of the first pixel is (0.5, 0.5).
/// </summary>
/// <param name="A">Scale times the cosine of the angle.</param>
/// <param name="B">Scale times the sine of the angle.</param>
/// <param name="Tx">Shift to the right, px.</param>
/// <param name="Ty">Shift down, px.</param>
public readonly record struct Similarity(double A, double B, double Tx, double Ty)
{
    public static Similarity Identity { get; } = new(1, 0, 0, 0);

    /// <summary>The angle in degrees, above -180 and up to 180; positive is clockwise as the image is seen.</summary>
    public double Angle => Math.Atan2(B, A) * 180 / Math.PI;

    public double Scale => double.Hypot(A, B);

    /// <summary>Makes the turn about a point that also moves this point to another one.</summary>
    /// <param name="angle">The angle in degrees, positive clockwise.</param>
    public static Similarity About((double X, double Y) from, (double X, double Y) to, double angle, double scale = 1)
    {
        var (sin, cos) = Math.SinCos(angle * Math.PI / 180);
        var (a, b) = (scale * cos, scale * sin);
        return new Similarity(a, b, to.X - (a * from.X) + (b * from.Y), to.Y - (b * from.X) - (a * from.Y));
    }

    public (double X, double Y) Map(double x, double y) => ((A * x) - (B * y) + Tx, (B * x) + (A * y) + Ty);

    /// <returns>The transform that undoes this one.</returns>
    public Similarity Inverse()
    {
        var square = (A * A) + (B * B);
        var (a, b) = (A / square, -B / square);
        return new Similarity(a, b, -((a * Tx) - (b * Ty)), -((b * Tx) + (a * Ty)));
    }

    /// <returns>The transform that applies this one first, and then the next.</returns>
    public Similarity Then(Similarity next)
    {
        var (x, y) = next.Map(Tx, Ty);
        return new Similarity((next.A * A) - (next.B * B), (next.B * A) + (next.A * B), x, y);
    }

    /// <returns>The same transform between images whose sides are a factor longer.</returns>
    public Similarity Resized(double factor) => this with { Tx = Tx * factor, Ty = Ty * factor };
}
