namespace MrfAd.Maker.Generator;

public enum DefectKind
{
    Scratch,
    Crack,
    Fibre,
    Dent,
    Stain,
    Chip,
    Specks,
    Rub,
}
