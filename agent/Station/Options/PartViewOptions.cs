namespace MrfAd.Station.Options;

/// <summary>A view of a part: a camera, and how often it looks at the part.</summary>
public sealed record PartViewOptions
{
    /// <summary>The name of the camera.</summary>
    public string Camera { get; init; } = "";

    /// <summary>The number of triggers that the camera gets for one part, 1 to 100.</summary>
    public int Looks { get; init; } = 1;
}
