namespace MrfAd.Maker;

/// <summary>The untrained baseline: a network of the same shape with random weights (He's initialisation, identity norms).</summary>
public sealed class RandomWeights(int seed)
{
    private readonly Random _random = new(seed);

    public float[] Of(string name, IReadOnlyList<long> shape)
    {
        var values = new float[shape.Aggregate(1L, (a, b) => a * b)];
        if (shape.Count > 1)
            FillNormal(values, MathF.Sqrt(2f / shape.Skip(1).Aggregate(1L, (a, b) => a * b)));
        else if (name.EndsWith("norm.weight", StringComparison.Ordinal) || name.EndsWith("running_var", StringComparison.Ordinal))
            Array.Fill(values, 1);
        return values;
    }

    private void FillNormal(float[] values, float deviation)
    {
        foreach (ref var value in values.AsSpan())
            value = deviation * MathF.Sqrt(-2 * MathF.Log(1 - _random.NextSingle())) * MathF.Cos(MathF.Tau * _random.NextSingle());
    }
}
