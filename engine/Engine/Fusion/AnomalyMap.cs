namespace MrfAd.Engine.Fusion;

/// <summary>An anomaly score for each pixel, [H, W] row-major (the paper's S, eq. 6).</summary>
public sealed class AnomalyMap
{
    private readonly float[] _scores;

    /// <summary>Creates a map of zeros.</summary>
    public AnomalyMap(int width, int height)
        : this(width, height, new float[checked(width * height)])
    {
    }

    /// <param name="scores">The scores, [H·W]; the array is taken over, not copied.</param>
    /// <exception cref="ArgumentException">The array has another length.</exception>
    public AnomalyMap(int width, int height, float[] scores)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        if (scores.Length != width * height)
            throw new ArgumentException($"a {width}x{height} map has {width * height} scores, got {scores.Length}", nameof(scores));
        Width = width;
        Height = height;
        _scores = scores;
    }

    public int Width { get; }

    public int Height { get; }

    public Span<float> Scores => _scores;

    public Span<float> Row(int y) => _scores.AsSpan(y * Width, Width);
}
