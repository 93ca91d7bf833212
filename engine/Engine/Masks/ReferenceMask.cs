namespace MrfAd.Engine.Masks;

/// <summary>What the masks of the good parts looked like: by this a mask is believed or not. Part of the bank's description.</summary>
public sealed record ReferenceMask
{
    /// <summary>Cells of a side of <see cref="Profile"/>.</summary>
    public const int ProfileSide = 32;

    // A mask is wrong rather than unusual when its area changes by a quarter, its centre by a tenth of a side, its overlap by 0.15.
    private const double AreaFloor = 0.25;
    private const double CentreFloor = 0.1;
    private const double OverlapFloor = 0.15;

    /// <summary>Where the part was in at least this share of the good images, it is looked for whatever the mask says: a part broken off is background to the mask model.</summary>
    private const byte Always = 230; // 0.9

    /// <summary>Where it was in at least this share, it may be.</summary>
    private const byte Ever = 13; // 0.05

    /// <summary>Share of the image.</summary>
    public required ReferenceRange Area { get; init; }

    /// <summary>Of the centre of mass, in shares of the image's width and height.</summary>
    public required ReferenceRange CentreX { get; init; }

    public required ReferenceRange CentreY { get; init; }

    /// <summary>Of a mask with the profile: intersection over union.</summary>
    public required ReferenceRange Overlap { get; init; }

    /// <summary>In how many of the good images each cell was part, 0 to 255: all; [32, 32].</summary>
    public required byte[] Profile { get; init; }

    /// <summary>Good images whose own masks are outside these ranges, and were not believed.</summary>
    public int Outliers { get; init; }

    /// <param name="survey">Of all good images.</param>
    public static ReferenceMask Of(IReadOnlyList<MaskFigures> survey)
    {
        var profile = new byte[ProfileSide * ProfileSide];
        for (var cell = 0; cell < profile.Length; cell++)
            profile[cell] = (byte)Math.Round(255 * survey.Average(s => s.Coverage[cell]));
        var usual = new ReferenceMask
        {
            Area = ReferenceRange.Of(survey.Select(s => s.Area), median => AreaFloor * median),
            CentreX = ReferenceRange.Of(survey.Select(s => s.X), _ => CentreFloor),
            CentreY = ReferenceRange.Of(survey.Select(s => s.Y), _ => CentreFloor),
            Overlap = ReferenceRange.Of(survey.Select(s => s.OverlapWith(profile)), _ => OverlapFloor),
            Profile = profile,
        };
        return usual with { Outliers = survey.Count(s => usual.Doubt(s) is not null) };
    }

    /// <returns>Why a mask is not believed, for a verdict; null: it is.</returns>
    public string? Doubt(MaskFigures mask)
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

    /// <summary>Adds to a believed mask where the part always was.</summary>
    public void Complete(PartMask mask) => mask.Set(Profile, ProfileSide, Always, add: true);

    /// <summary>In place of a mask that is not believed: where a part may be at all; everywhere, where small parts lie now here, now there.</summary>
    public void Replace(PartMask mask) => mask.Set(Profile, ProfileSide, Profile.Max() < Ever ? (byte)0 : Ever, add: false);
}
