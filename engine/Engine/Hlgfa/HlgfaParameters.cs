namespace MrfAd.Engine.Hlgfa;

/// <summary>The layout of all learned tensors in one vector θ, which Adam updates and checkpoints and model files store.</summary>
internal sealed class HlgfaParameters
{
    public HlgfaParameters(IReadOnlyList<HlgfaStage> stages, HlgfaOptions options)
    {
        var parts = new List<HlgfaParameter>();
        foreach (var stage in stages)
        {
            foreach (var (name, shape, fanIn) in HlgfaModule.Parameters(stage, stages[stage.Deeper].Channels, options))
            {
                parts.Add(new HlgfaParameter($"{stage.Layer}.{name}", shape, Count, fanIn));
                Count += parts[^1].Count;
            }
        }

        Parts = parts;
    }

    public IReadOnlyList<HlgfaParameter> Parts { get; }

    /// <summary>The number of values of θ.</summary>
    public int Count { get; }

    /// <returns>The initial θ: uniform within ±1/√(fan-in), as PyTorch initialises by default.</returns>
    public float[] Initial(int seed)
    {
        var random = new Random(seed);
        var values = new float[Count];
        foreach (var part in Parts.Where(p => p.FanIn > 0))
        {
            var bound = 1 / Math.Sqrt(part.FanIn);
            foreach (ref var value in values.AsSpan(part.Offset, part.Count))
                value = (float)(((2 * random.NextDouble()) - 1) * bound);
        }

        return values;
    }
}
