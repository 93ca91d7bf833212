using System.Numerics;

namespace MrfAd.Cli.Demo.Line;

/// <summary>What differs from one good part and picture to the next: where the part lies, the light, the belt below, the serial number.</summary>
/// <param name="Centre">px.</param>
/// <param name="Angle">Of the part, rad.</param>
/// <param name="Scale">1: nominal (working distance varies a little).</param>
/// <param name="Light">Where the key light comes from, in the picture's plane, rad.</param>
/// <param name="Gain">Exposure, 1: nominal.</param>
/// <param name="Gradient">Relative change of the light across the picture, for each axis.</param>
/// <param name="Belt">How far the belt has moved, px.</param>
/// <param name="Seed">Of grain, dirt and sensor noise.</param>
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
