using System.Text.Json;
using MrfAd.Cli.Terminal;
using MrfAd.Engine.Banks;
using MrfAd.Engine.Datasets;
using MrfAd.Engine.Features;
using MrfAd.Engine.Learning;
using MrfAd.Engine.Masks;
using MrfAd.Onnx.Sessions;

namespace MrfAd.Cli.Evaluation;

/// <summary>Learns banks: MRF-AD and the baselines made of its parts.</summary>
/// <param name="encoder">Disposed with this object.</param>
/// <param name="mask">Leaves the background out; null: the whole image counts. Disposed with this object.</param>
/// <param name="options">The scales are those of an image that is not enlarged.</param>
/// <param name="threads">Of the encoder and of a search.</param>
/// <param name="device">On what is searched; null: the CPU.</param>
public sealed class MrfAdTrainer(MethodPreset preset, Encoder encoder, MaskModel? mask, MrfAdOptions options, int folds, double falseAlarms, int threads, TimeProvider clock, OnnxDevice? device = null) : ITrainer
{
    public string Method => preset.Name;

    public string Settings => JsonSerializer.Serialize(
        new { method = preset.Name, encoder.Sha256, encoder.Layers, mask = mask?.Sha256, options, folds, falseAlarms }, JsonOutput.Options);

    public IReadOnlyList<Fact> Facts =>
    [
        new("method", $"{preset.Name}: {preset.What}"),
        new("encoder", $"{encoder.Id}, layers {string.Join(", ", encoder.Layers)}, sha256 {encoder.Sha256}"),
        new("scales", FormattableString.Invariant($"{string.Join(", ", options.Scales)}; least side {options.LeastSide} px")),
        new("features", $"{(options.PoolSide > 1 ? $"pooled {options.PoolSide}x{options.PoolSide}" : "not pooled")}, {(options.Normalise ? "unit length (cosine)" : "as they are (L2)")}"),
        .. mask is null ? Array.Empty<Fact>() : [new("background", $"left out by {mask.Id}, filled: {options.Background.ToString()!.ToLowerInvariant()}; sha256 {mask.Sha256}")],
        new("bank", options.RowsPerBank is { } rows ? $"at most {rows} rows each, {(options.Reduction == RowReduction.Coreset ? "a coreset" : "at random")}, seed {options.Seed}" : "all rows"),
        new("search", $"{(options.Search == SearchMethod.Exact ? "exact" : "IVF-Flat, approximate")}, rows in {options.Precision.ToString().ToLowerInvariant()}"),
        new("calibration", FormattableString.Invariant($"{folds} folds, {falseAlarms} false alarms in 1000 wanted")),
        new("threads", $"{threads}"),
    ];

    public IMethod Learn(DatasetObject good, string folder, IProgress<LearnProgress>? progress, CancellationToken cancellation)
    {
        var enlarged = options with { MixedSizes = true, Scales = [.. options.Scales.Select(s => Math.Round(s * good.Enlargement, 6))] };
        var path = Path.Combine(folder, "bank.mrfbank");
        var skipped = LearnedOnce.Skipped(path, () =>
        {
            var request = new LearnRequest
            {
                Images = good.Train,
                Id = good.Name,
                Created = clock.GetUtcNow(),
                Options = enlarged,
                Folds = folds,
                FalseAlarms = falseAlarms,
                SkipUnreadable = true,
                Threads = threads,
            };
            return new BankLearner(encoder, clock, mask).Learn(request, path, progress, cancellation).Skipped;
        });

        var names = from scale in options.Scales from layer in encoder.Layers select new MapName(layer, scale);
        return new MrfAdMethod(encoder, mask, BankFile.Open(path), [.. names], good.Enlargement, skipped, threads, clock, device);
    }

    public void Dispose()
    {
        mask?.Dispose();
        encoder.Dispose();
    }
}
