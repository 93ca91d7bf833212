namespace MrfAd.Engine.Images;

/// <summary>The number of bits of one sample; the enum's value is its size in bytes.</summary>
public enum PixelDepth
{
    Eight = 1,
    Sixteen = 2,
}
