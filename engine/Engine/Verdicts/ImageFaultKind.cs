namespace MrfAd.Engine.Verdicts;

/// <summary>The kinds of faults that make an image unfit for inspection.</summary>
public enum ImageFaultKind
{
    Dark,
    BlownOut,
    Blurred,
    PartAbsent,
    PartMoved,
    NotAligned,

    /// <summary>The part looks like those of another product.</summary>
    ProductMismatch,

    /// <summary>The code that the part must carry could not be read.</summary>
    CodeUnreadable,
}
