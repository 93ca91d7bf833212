namespace MrfAd.Engine.Verdicts;

/// <summary>An 8-connected set of pixels at or above the threshold.</summary>
/// <param name="X">Left edge of the bounding box, px.</param>
/// <param name="Y">Top edge of the bounding box, px.</param>
/// <param name="Width">Width of the bounding box, px.</param>
/// <param name="Height">Height of the bounding box, px.</param>
/// <param name="Area">The number of pixels in the region.</param>
/// <param name="Score">Highest anomaly score in it.</param>
public sealed record Region(int X, int Y, int Width, int Height, int Area, float Score)
{
    /// <summary>The name of the named region of the part that it lies in; null where it lies in none.</summary>
    public string? Name { get; init; }
}
