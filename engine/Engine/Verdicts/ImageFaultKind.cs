namespace MrfAd.Engine.Verdicts;

/// <summary>What can be wrong with an image as an image.</summary>
public enum ImageFaultKind
{
    Dark,
    BlownOut,
    Blurred,
    PartAbsent,
    PartMoved,
}
