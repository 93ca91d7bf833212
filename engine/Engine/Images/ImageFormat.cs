namespace MrfAd.Engine.Images;

/// <summary>The encodings the product writes.</summary>
public enum ImageFormat
{
    Png,
    Jpeg,
}
