namespace MrfAd.Engine.Images;

/// <summary>Bits of one sample; the value is its size in bytes.</summary>
public enum PixelDepth
{
    Eight = 1,
    Sixteen = 2,
}
