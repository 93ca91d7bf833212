namespace MrfAd.Maker.Generator;

public enum ShapeKind
{
    Disc,
    Ring,
    Box,
    Polygon,
    Gear,
    Capsule,
    Cross,
}
