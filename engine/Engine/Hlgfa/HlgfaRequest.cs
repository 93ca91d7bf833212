using MrfAd.Engine.Images;
using MrfAd.Engine.Verdicts;

namespace MrfAd.Engine.Hlgfa;

/// <summary>The images and options with which a model is trained.</summary>
public sealed record HlgfaRequest
{
    /// <summary>Paths of good images.</summary>
    public required IReadOnlyList<string> Images { get; init; }

    public required string Id { get; init; }

    public int Version { get; init; } = 1;

    public required DateTimeOffset Created { get; init; }

    public HlgfaOptions Options { get; init; } = new();

    /// <summary>The acceptable number of false alarms (false rejects) in 1000 good parts, > 0.</summary>
    public double FalseAlarms { get; init; } = 1;

    public ThresholdRule Rule { get; init; } = ThresholdRule.Quantile;

    /// <summary>Unreadable images are left out (and named in the result) instead of refused.</summary>
    public bool SkipUnreadable { get; init; }

    /// <summary>The largest image that is read; null means the limits of a folder of images (<see cref="ImageFolder.Limits"/>).</summary>
    public ImageLimits? Limits { get; init; }

    public int Threads { get; init; } = Environment.ProcessorCount;
}
