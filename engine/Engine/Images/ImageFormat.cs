namespace MrfAd.Engine.Images;

/// <summary>The image formats that can be written.</summary>
public enum ImageFormat
{
    Png,
    Jpeg,
}
