namespace MrfAd.Engine.Alignment;

/// <summary>The place of the part in a frame, relative to its place in the reference.</summary>
/// <param name="ToFrame">Maps a place of the reference to the same place of the part in the frame, px of the frames' full size.</param>
/// <param name="Dx">The distance of the part's centre to the right of where it lies in the reference, px.</param>
/// <param name="Dy">The distance of the part's centre below where it lies in the reference, px.</param>
/// <param name="Quality">The correlation of the part in the frame with the reference's, -1 to 1.</param>
/// <param name="AngleMargin">The amount by which the correlation is higher than at any angle that differs by 10 degrees or more; near 0, the part looks alike at several angles.</param>
/// <param name="Visible">The share of the part that lies within the frame, 0 to 1; the rest cannot be inspected.</param>
public sealed record AlignmentResult(Similarity ToFrame, double Dx, double Dy, double Quality, double AngleMargin, double Visible)
{
    /// <summary>The angle in degrees by which the part is turned, positive clockwise.</summary>
    public double Angle => ToFrame.Angle;

    /// <summary>The size of the part in the frame relative to the reference's.</summary>
    public double Scale => ToFrame.Scale;
}
