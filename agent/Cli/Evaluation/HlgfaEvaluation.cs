using System.Text.Json;
using MrfAd.Cli.Terminal;
using MrfAd.Engine.Banks;
using MrfAd.Engine.Datasets;
using MrfAd.Engine.Features;
using MrfAd.Engine.Hlgfa;

namespace MrfAd.Cli.Evaluation;

/// <summary>Trains and evaluates an HLGFA model for each object.</summary>
/// <param name="layers">Names of the layers to align; null for the encoder's default ones.</param>
public sealed class HlgfaEvaluation(string encoder, IReadOnlyList<string>? layers, HlgfaOptions options, double falseAlarms, int threads, TimeProvider clock) : ITrainer
{
    public const string Name = "hlgfa";

    public const string What = "trained high-low resolution alignment, a map a stage";

    private readonly (string Id, string Sha256) _encoder = Encoder.Identify(encoder);

    public string Method => Name;

    public string Settings => JsonSerializer.Serialize(new { method = Name, _encoder.Sha256, layers, options, falseAlarms }, JsonOutput.Options);

    public IReadOnlyList<RunParameter> Parameters =>
    [
        new("method", $"{Name}: {What}"),
        new("encoder", $"{_encoder.Id}, layers {(layers is null ? "as its descriptor says" : string.Join(", ", layers))}, sha256 {_encoder.Sha256}"),
        new("views", FormattableString.Invariant($"high view's shorter side {options.HighSide} px, low view 1/{options.Ratio} of it")),
        new("losses", FormattableString.Invariant($"cosine + {options.L1Weight} L1 + {options.JsWeight} JS + {options.GramWeight} Gram")),
        new("training", FormattableString.Invariant($"at most {options.Epochs} epochs, batch {options.Batch}, Adam {options.LearningRate} to {options.LastLearningRate}, {options.NoisyVersions} noisy versions an image, {options.HeldOut:P0} held out, seed {options.Seed}")),
        new("threads", $"{threads}"),
    ];

    public IMethod Learn(DatasetObject good, string folder, IProgress<LearnProgress>? progress, CancellationToken cancellation)
    {
        var path = Path.Combine(folder, "model.hlgfa");
        var skipped = LearnedOnce.Skipped(path, () =>
        {
            var request = new HlgfaRequest
            {
                Images = good.Train,
                Id = good.Name,
                Created = clock.GetUtcNow(),
                Options = options,
                FalseAlarms = falseAlarms,
                SkipUnreadable = true,
                Threads = threads,
            };
            return new HlgfaTrainer(encoder, layers, clock).Train(request, path, progress, cancellation).Skipped;
        });

        return new HlgfaMethod(HlgfaFile.Open(path), encoder, skipped, threads, clock);
    }

    public void Dispose()
    {
        // Nothing to dispose of: the encoder is loaded with each model.
    }
}
