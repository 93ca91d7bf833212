namespace MrfAd.Cli.Demo.Line;

/// <summary>Random numbers that are the same for the same seed on every machine and in every version (SplitMix64).</summary>
public sealed class SeededRandom(ulong seed)
{
    private ulong _state = seed;

    /// <returns>A value in [0, 1).</returns>
    public float Next()
    {
        _state += 0x9E3779B97F4A7C15;
        var z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return ((z ^ (z >> 31)) >> 40) * (1f / (1 << 24));
    }

    public float Between(float low, float high) => low + ((high - low) * Next());

    /// <returns>An integer from 0 to <paramref name="count"/> - 1.</returns>
    public int Index(int count) => (int)(Next() * count);

    /// <returns>-1 or 1, equally likely.</returns>
    public int Sign() => Next() < 0.5f ? -1 : 1;
}
