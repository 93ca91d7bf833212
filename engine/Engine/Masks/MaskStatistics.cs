namespace MrfAd.Engine.Masks;

/// <summary>The statistics of a mask that are compared with those of good parts; overwritten by <see cref="Measure"/>.</summary>
public sealed class MaskStatistics
{
    public double Area { get; private set; }

    public double X { get; private set; }

    public double Y { get; private set; }

    /// <summary>The part's share of each cell of a grid [32, 32] over the image, 0 to 1.</summary>
    public float[] Coverage { get; } = new float[ReferenceMask.ProfileSide * ReferenceMask.ProfileSide];

    public void Measure(PartMask mask)
    {
        Area = mask.Area;
        (X, Y) = mask.Centre();
        mask.Coverage(ReferenceMask.ProfileSide, ReferenceMask.ProfileSide, Coverage);
    }

    /// <returns>Intersection over union with a profile, 0 to 1.</returns>
    public double OverlapWith(ReadOnlySpan<byte> profile)
    {
        var (both, either) = (0.0, 0.0);
        for (var cell = 0; cell < Coverage.Length; cell++)
        {
            var expected = profile[cell] / 255f;
            both += Math.Min(Coverage[cell], expected);
            either += Math.Max(Coverage[cell], expected);
        }

        return either == 0 ? 0 : both / either;
    }
}
