namespace MrfAd.Engine.Features;

/// <summary>The method that chooses the rows of a bank where there are more patches.</summary>
public enum RowReduction
{
    /// <summary>A random choice, in which each patch is equally likely.</summary>
    Random,

    /// <summary>Greedy k-centre (PatchCore): always the patch farthest from those chosen, so that rare but normal patches stay.</summary>
    Coreset,
}
