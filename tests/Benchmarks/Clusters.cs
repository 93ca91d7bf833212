namespace MrfAd.Benchmarks;

/// <summary>
/// Generates rows. "clustered": about 1,000 centres that fill 48 dimensions; the spread inside a cluster is a fifth of that between them and falls off
/// along 48 axes of its own, with noise in all D. "isotropic": independent normal values, the worst case for any pruning.
/// </summary>
internal sealed class Clusters
{
    private const int Intrinsic = 48;
    private const int Centres = 1000;

    private readonly Random _random = new(1);
    private readonly int _dimension;
    private readonly bool _isotropic;
    private readonly float[] _axes;
    private readonly float[] _centres;

    public Clusters(string kind, int dimension)
    {
        if (kind is not ("clustered" or "isotropic"))
            throw new ArgumentException($"want clustered, isotropic or a folder, got {kind}", nameof(kind));
        (_dimension, _isotropic) = (dimension, kind == "isotropic");
        _axes = [.. Enumerable.Range(0, 2 * Intrinsic * dimension).Select(_ => Normal() / MathF.Sqrt(Intrinsic))];
        _centres = [.. Enumerable.Range(0, Centres * Intrinsic).Select(_ => Normal())];
    }

    /// <returns>Row-major [count, D].</returns>
    public float[] Next(int count)
    {
        var values = new float[count * _dimension];
        for (var i = 0; i < values.Length; i++)
            values[i] = (_isotropic ? 1 : 0.05f) * Normal();
        for (var row = 0; row < count && !_isotropic; row++)
        {
            var target = values.AsSpan(row * _dimension, _dimension);
            var centre = _random.Next(Centres);
            for (var a = 0; a < Intrinsic; a++)
            {
                Add(target, a, _centres[(centre * Intrinsic) + a]);
                Add(target, Intrinsic + a, 0.6f * Normal() / (1 + (a / 8f)));
            }
        }

        return values;
    }

    private void Add(Span<float> target, int axis, float weight)
    {
        var values = _axes.AsSpan(axis * _dimension, _dimension);
        for (var k = 0; k < values.Length; k++)
            target[k] += weight * values[k];
    }

    private float Normal() => (float)(Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble()));
}
