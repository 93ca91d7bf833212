using System.Numerics;

namespace MrfAd.Maker.Generator;

/// <summary>Random choices of a scene, from one seed.</summary>
public sealed class SeededRandom(int seed)
{
    private readonly Random _random = new(seed);

    public int Whole(int below) => _random.Next(below);

    public uint Seed() => (uint)_random.Next();

    public bool Chance(double probability) => _random.NextDouble() < probability;

    public float Between(float low, float high) => low + ((high - low) * _random.NextSingle());

    /// <summary>Returns a log-uniform value: every doubling is equally likely.</summary>
    public float Scale(float low, float high) => low * MathF.Pow(high / low, _random.NextSingle());

    public float Angle() => Between(0, MathF.Tau);

    public Vector2 Place(float low, float high) => new(Between(low, high), Between(low, high));

    public T Of<T>()
        where T : struct, Enum => Enum.GetValues<T>()[Whole(Enum.GetValues<T>().Length)];

    /// <summary>Returns a colour: mostly a dull one, as of manufactured objects, sometimes a bright one.</summary>
    public Vector3 Colour()
    {
        var grey = Scale(0.03f, 0.9f);
        var tint = new Vector3(Between(-1, 1), Between(-1, 1), Between(-1, 1)) * (Chance(0.3) ? 0.6f : 0.12f);
        return Vector3.Clamp(grey * (Vector3.One + tint), new Vector3(0.01f), Vector3.One);
    }
}
