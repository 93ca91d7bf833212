using MrfAd.Engine.Datasets;

namespace MrfAd.Cli.Evaluation;

/// <summary>What is to be evaluated.</summary>
public sealed record EvaluationRequest
{
    public required IReadOnlyList<DatasetObject> Objects { get; init; }

    /// <summary>The run's folder: reports, and what it needs to be resumed.</summary>
    public required string Folder { get; init; }

    /// <summary>Folder of maps made by another program, judged in place of a method's.</summary>
    public string? ForeignMaps { get; init; }

    /// <summary>Where maps and masks go in the benchmark server's layout; then images without labels are scored too.</summary>
    public string? BenchmarkFolder { get; init; }

    /// <summary>A score above which a pixel and an image are called defective, where held-out good images give none.</summary>
    public double? Threshold { get; init; }

    /// <summary>What was learned of an object is kept in the run's folder.</summary>
    public bool KeepLearned { get; init; }

    /// <summary>For the report's block on how to repeat the run.</summary>
    public IReadOnlyList<Fact> Facts { get; init; } = [];
}
