namespace MrfAd.Engine.Images;

/// <summary>The colours of a mosaic's first two pixels, top left.</summary>
public enum BayerOrder
{
    RedGreen,
    GreenRed,
    GreenBlue,
    BlueGreen,
}
