namespace MrfAd.Engine.Features;

/// <summary>The method that finds the nearest row.</summary>
public enum SearchMethod
{
    /// <summary>The exact search over all rows (<see cref="Engine.Search.ExactSearch"/>).</summary>
    Exact,

    /// <summary>The approximate search of the paper among the rows of the nearest of 512 clusters (<see cref="Engine.Search.IvfFlatSearch"/>).</summary>
    IvfFlat,
}
