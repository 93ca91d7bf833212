namespace MrfAd.Engine.Masks;

/// <summary>The kinds of regions that are drawn over a part.</summary>
public enum RegionKind
{
    /// <summary>Only what lies in such regions, or in named ones, is inspected.</summary>
    Inspect,

    /// <summary>Nothing in such a region is learned or inspected, whatever else lies over it.</summary>
    Ignore,

    /// <summary>Defects in it are called by its name, and it may have a threshold and a least area of its own.</summary>
    Named,
}
