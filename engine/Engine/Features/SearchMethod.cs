namespace MrfAd.Engine.Features;

/// <summary>How the nearest row is found.</summary>
public enum SearchMethod
{
    /// <summary>All rows count (<see cref="Engine.Search.ExactSearch"/>): the nearest, certified.</summary>
    Exact,

    /// <summary>The rows of the nearest of 512 clusters, as the paper does it (<see cref="Engine.Search.IvfFlatSearch"/>): a near one.</summary>
    IvfFlat,
}
