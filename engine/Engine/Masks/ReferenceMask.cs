namespace MrfAd.Engine.Masks;

/// <summary>Statistics of the good parts' masks, by which a new mask is accepted or rejected. Stored in the bank's description.</summary>
public sealed record ReferenceMask
{
    /// <summary>The number of cells of a side of <see cref="Profile"/>.</summary>
    public const int ProfileSide = 32;

    // Minimum ranges: a mask is wrong rather than unusual when its area changes by a quarter, its centre by a tenth of a side, its overlap by 0.15.
    private const double AreaFloor = 0.25;
    private const double CentreFloor = 0.1;
    private const double OverlapFloor = 0.15;

    /// <summary>Cells that were part in at least this share of the good images, of 255, are always inspected: the mask model takes the place of a broken-off piece for background.</summary>
    private const byte AlmostAlways = 230; // 0.9

    /// <summary>Cells that were part in at least this share of the good images, of 255, are inspected where a mask is rejected.</summary>
    private const byte Sometimes = 13; // 0.05

    /// <summary>The part's share of the image, 0 to 1.</summary>
    public required ReferenceRange Area { get; init; }

    /// <summary>The horizontal centre of mass, as a share of the image's width.</summary>
    public required ReferenceRange CentreX { get; init; }

    public required ReferenceRange CentreY { get; init; }

    /// <summary>The overlap of a mask with the profile: intersection over union, 0 to 1.</summary>
    public required ReferenceRange Overlap { get; init; }

    /// <summary>The share of the good images in which each cell was part, 0 to 255 for all, [32, 32].</summary>
    public required byte[] Profile { get; init; }

    /// <summary>The number of good images whose own masks are outside these ranges, and were rejected.</summary>
    public int Outliers { get; init; }

    /// <param name="survey">The mask statistics of all good images.</param>
    public static ReferenceMask Of(IReadOnlyList<MaskStatistics> survey)
    {
        var profile = new byte[ProfileSide * ProfileSide];
        for (var cell = 0; cell < profile.Length; cell++)
            profile[cell] = (byte)Math.Round(255 * survey.Average(s => s.Coverage[cell]));
        var reference = new ReferenceMask
        {
            Area = ReferenceRange.Of(survey.Select(s => s.Area), median => AreaFloor * median),
            CentreX = ReferenceRange.Of(survey.Select(s => s.X), _ => CentreFloor),
            CentreY = ReferenceRange.Of(survey.Select(s => s.Y), _ => CentreFloor),
            Overlap = ReferenceRange.Of(survey.Select(s => s.OverlapWith(profile)), _ => OverlapFloor),
            Profile = profile,
        };
        return reference with { Outliers = survey.Count(s => reference.RejectionReason(s) is not null) };
    }

    /// <returns>The reason why a mask is rejected, for the verdict; null where it is accepted.</returns>
    public string? RejectionReason(MaskStatistics mask)
    {
        if (mask.Area <= 0)
            return "the mask shows no part";
        if (!Area.Holds(mask.Area))
            return FormattableString.Invariant($"the mask's area is {mask.Area:0.000} of the image, good parts' {Area.Low:0.000} to {Area.High:0.000}");
        if (!CentreX.Holds(mask.X) || !CentreY.Holds(mask.Y))
            return FormattableString.Invariant($"the mask's centre is at ({mask.X:0.00}, {mask.Y:0.00}), good parts' around ({CentreX.Median:0.00}, {CentreY.Median:0.00})");
        var overlap = mask.OverlapWith(Profile);
        return overlap >= Overlap.Low
            ? null
            : FormattableString.Invariant($"the mask overlaps good parts' by {overlap:0.00}, they each other by {Overlap.Low:0.00} or more");
    }

    /// <summary>Adds to an accepted mask the cells in which the part almost always was.</summary>
    public void Complete(PartMask mask) => mask.Set(Profile, ProfileSide, AlmostAlways, add: true);

    /// <summary>Replaces a rejected mask by all cells in which the part can be; by the whole image where small parts lie in varying places.</summary>
    public void Replace(PartMask mask) => mask.Set(Profile, ProfileSide, Profile.Max() < Sometimes ? (byte)0 : Sometimes, add: false);
}
