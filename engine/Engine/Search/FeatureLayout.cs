namespace MrfAd.Engine.Search;

/// <summary>The memory layout of the feature vectors of Q patches.</summary>
public enum FeatureLayout
{
    /// <summary>[Q, D]: one vector after another, as transformers give them.</summary>
    PatchesFirst,

    /// <summary>[D, Q]: one channel after another, as convolutional networks give them.</summary>
    ChannelsFirst,
}
