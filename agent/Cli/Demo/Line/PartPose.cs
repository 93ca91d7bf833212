using System.Numerics;

namespace MrfAd.Cli.Demo.Line;

/// <summary>The variation from one good part and picture to the next: position, light, belt and serial number; each is drawn by itself, hence so many members.</summary>
/// <param name="Centre">Position of the part's centre in the picture, px.</param>
/// <param name="Angle">Rotation of the part, rad.</param>
/// <param name="Scale">Magnification; 1 is nominal, and the working distance varies a little.</param>
/// <param name="Light">Direction of the key light in the picture's plane, rad.</param>
/// <param name="Gain">Exposure; 1 is nominal.</param>
/// <param name="Gradient">Relative change of the light across the picture, for each axis.</param>
/// <param name="Belt">Distance that the belt has moved, px.</param>
/// <param name="Seed">Seed of grain, dirt and sensor noise.</param>
public sealed record PartPose(
    Vector2 Centre, float Angle, float Scale, float Light, float Gain, Vector2 Gradient, Vector2 Belt, int Serial, uint Seed)
{
    /// <summary>Width and height of every picture, px.</summary>
    public const int Side = 512;

    public static PartPose Draw(SeededRandom dice) => new(
        new Vector2((Side / 2f) + dice.Between(-5, 5), (Side / 2f) + dice.Between(-5, 5)),
        dice.Between(-0.05f, 0.05f),
        dice.Between(0.993f, 1.007f),
        -2.3f + dice.Between(-0.06f, 0.06f),
        dice.Between(0.96f, 1.04f),
        new Vector2(dice.Between(-0.05f, 0.05f), dice.Between(-0.05f, 0.05f)),
        new Vector2(dice.Between(0, 4000), dice.Between(-3, 3)),
        dice.Index(1000),
        (uint)dice.Index(1 << 24));
}
