using MrfAd.Engine.Datasets;
using MrfAd.Engine.Images;

namespace MrfAd.Cli.Evaluation;

/// <summary>The input of an evaluation.</summary>
public sealed record EvaluationRequest
{
    public required IReadOnlyList<DatasetObject> Objects { get; init; }

    /// <summary>The run's folder, for reports and for the files that a stopped run resumes from.</summary>
    public required string Folder { get; init; }

    /// <summary>Folder of maps made by another program, which are evaluated instead of a method's; null evaluates a method.</summary>
    public string? ForeignMaps { get; init; }

    /// <summary>Folder for maps and masks in the benchmark server's layout; if set, images without labels are scored too. Null writes none.</summary>
    public string? BenchmarkFolder { get; init; }

    /// <summary>Score above which a pixel and an image are defective, used if no held-out good images give a threshold.</summary>
    public double? Threshold { get; init; }

    /// <summary>True keeps the learned models in the run's folder.</summary>
    public bool KeepLearned { get; init; }

    /// <summary>The largest image of an object that is read, by the paths of its images.</summary>
    public Func<IReadOnlyList<string>, ImageLimits> Limits { get; init; } = ImageFolder.Limits;

    /// <summary>Names and values of the settings, for the report's section on how to repeat the run.</summary>
    public IReadOnlyList<RunParameter> Parameters { get; init; } = [];
}
