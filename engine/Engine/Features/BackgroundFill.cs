namespace MrfAd.Engine.Features;

/// <summary>What the encoder sees in place of the background. Whatever it is, patches of background are neither banked nor searched.</summary>
public enum BackgroundFill
{
    /// <summary>The background itself: patches at the part's border see what really surrounds it.</summary>
    Keep,

    Black,

    White,

    /// <summary>The mean of the network's training images, which its normalisation makes 0.</summary>
    Mean,
}
