namespace MrfAd.Engine.Features;

/// <summary>The content that replaces the background before encoding. In every case, patches of background are neither banked nor searched.</summary>
public enum BackgroundFill
{
    /// <summary>The background stays as it is: patches at the part's border see their real surroundings.</summary>
    Keep,

    Black,

    White,

    /// <summary>The mean of the network's training images, which its normalisation makes 0.</summary>
    Mean,
}
