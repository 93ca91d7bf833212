namespace MrfAd.Engine.Defects;

/// <summary>The kinds of defects that <see cref="DefectPainter"/> paints. Sizes are shares of the image's shorter side, strengths shares of the full range of a sample.</summary>
public enum DefectKind
{
    /// <summary>A bent line 0.08 to 0.2 long and 0.004 to 0.01 wide, lighter or darker by 0.25 to 0.45.</summary>
    Scratch,

    /// <summary>A spot with a radius of 0.03 to 0.07, darker by a quarter to a half, of one colour.</summary>
    Stain,

    /// <summary>A patch with a radius of 0.03 to 0.07, copied from elsewhere on the part (CutPaste).</summary>
    CutPaste,

    /// <summary>A piece with a radius of 0.05 to 0.1 in the colour of the image's border.</summary>
    MissingPiece,

    /// <summary>A spot with a radius of 0.04 to 0.08 without its fine structure, lighter by 0.08 to 0.18.</summary>
    Wear,

    /// <summary>A spot with a radius of 0.05 to 0.1, blurred over 0.02 to 0.04.</summary>
    Blur,

    /// <summary>A spot with a radius of 0.03 to 0.07 whose colours shift against each other by 0.1 to 0.25; grey images become lighter or darker.</summary>
    Discolouration,
}
