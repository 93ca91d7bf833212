namespace MrfAd.Engine.Search;

/// <summary>How the feature vectors of Q patches lie in memory.</summary>
public enum FeatureLayout
{
    /// <summary>[Q, D]: one vector after another, as transformers give them.</summary>
    PatchesFirst,

    /// <summary>[D, Q]: one channel after another, as convolutional networks give them.</summary>
    ChannelsFirst,
}
