namespace MrfAd.Engine.Alignment;

/// <summary>A place at which the part may lie, found by <see cref="CoarseSearch"/>.</summary>
/// <param name="X">The column of the part's centre, px of the coarse picture.</param>
/// <param name="Y">The row of the part's centre, px of the coarse picture.</param>
/// <param name="Angle">The angle in degrees, a multiple of the search's step.</param>
/// <param name="Scale">The size of the part relative to the reference's.</param>
/// <param name="Correlation">The correlation of the edges, -1 to 1.</param>
internal readonly record struct CoarsePose(double X, double Y, double Angle, double Scale, double Correlation);
