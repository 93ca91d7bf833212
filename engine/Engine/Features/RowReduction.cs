namespace MrfAd.Engine.Features;

/// <summary>How the rows of a bank are chosen where there are more.</summary>
public enum RowReduction
{
    /// <summary>Each patch equally likely.</summary>
    Random,

    /// <summary>Greedy k-centre (PatchCore): always the patch farthest from those chosen, so that rare but normal patches stay.</summary>
    Coreset,
}
