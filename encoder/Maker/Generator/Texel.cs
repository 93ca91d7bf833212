using System.Numerics;

namespace MrfAd.Maker.Generator;

/// <summary>A point of a surface before light falls on it.</summary>
/// <param name="Albedo">Linear RGB, [0, 1].</param>
/// <param name="Height">The height above the ground, px.</param>
/// <param name="Gloss">The gloss, from 0 for matt to 1 for a mirror's highlight.</param>
public readonly record struct Texel(Vector3 Albedo, float Height, float Gloss)
{
    public static Texel Mix(Texel a, Texel b, float t) => new(Vector3.Lerp(a.Albedo, b.Albedo, t), float.Lerp(a.Height, b.Height, t), float.Lerp(a.Gloss, b.Gloss, t));
}
