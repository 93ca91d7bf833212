using System.Text.Json;
using MrfAd.Cli.Terminal;
using MrfAd.Engine.Banks;
using MrfAd.Engine.Datasets;
using MrfAd.Engine.Features;
using MrfAd.Engine.Learning;
using MrfAd.Engine.Masks;

namespace MrfAd.Cli.Evaluation;

/// <summary>Learns the banks of MRF-AD and of the baselines that are configurations of it.</summary>
/// <param name="encoder">The encoder, disposed with this object.</param>
/// <param name="mask">The mask model that removes the background, disposed with this object; null learns the whole image.</param>
public sealed class MrfAdTrainer(MethodPreset preset, Encoder encoder, MaskModel? mask, MrfAdTrainerSettings settings, TimeProvider clock) : ITrainer
{
    private readonly MrfAdOptions _options = settings.Options;

    private IReadOnlyList<MapCandidate> Candidates => settings.Candidates ?? [];

    public string Method => preset.Name;

    public string Settings
    {
        get
        {
            var all = JsonSerializer.SerializeToNode(
                new { method = preset.Name, encoder.Sha256, encoder.Layers, mask = mask?.Sha256, options = _options, folds = settings.Folds, falseAlarms = settings.FalseAlarms }, JsonOutput.Options)!.AsObject();
            if (settings.Alignment is not null)
                all["alignment"] = JsonSerializer.SerializeToNode(settings.Alignment, JsonOutput.Options);
            if (Candidates.Count > 0)
                all["candidates"] = JsonSerializer.SerializeToNode(Candidates.Select(c => c.Name), JsonOutput.Options);
            return all.ToJsonString(JsonOutput.Options);
        }
    }

    public IReadOnlyList<RunParameter> Parameters =>
    [
        new("method", $"{preset.Name}: {preset.What}"),
        new("encoder", $"{encoder.Id}, layers {string.Join(", ", encoder.Layers)}, sha256 {encoder.Sha256}"),
        new("scales", FormattableString.Invariant($"{string.Join(", ", _options.Scales)}{(_options.Megapixels is { } area ? $" of {area} megapixels" : "")}; least side {_options.MinSide} px")),
        new("features", Features),
        .. mask is null ? Array.Empty<RunParameter>() : [new("background", $"left out by {mask.Id}, filled: {_options.Background.ToString()!.ToLowerInvariant()}; sha256 {mask.Sha256}")],
        new("bank", _options.RowsPerBank is { } rows ? $"at most {rows} rows each, {(_options.Reduction == RowReduction.Coreset ? "a coreset" : "at random")}, seed {_options.Seed}" : "all rows"),
        new("search", $"{(_options.Search == SearchMethod.Exact ? "exact" : "IVF-Flat, approximate")}, rows in {_options.Precision.ToString().ToLowerInvariant()}"),
        new("calibration", FormattableString.Invariant($"{settings.Folds} folds, {settings.FalseAlarms} false alarms in 1000 wanted")),
        new("threads", $"{settings.Threads}"),
    ];

    private string Features =>
        Candidates.Count > 0 ? $"chosen for each object by painted defects on held-out good images: {string.Join("; ", Candidates.Select(c => c.Name))}"
        : $"{(_options.IsShapedSimply ? $"{(_options.PoolSide > 1 ? $"pooled {_options.PoolSide}x{_options.PoolSide}" : "not pooled")}, {(_options.Normalise ? "unit length (cosine)" : "as they are (L2)")}" : $"shapes {string.Join(", ", _options.Shapes.Select(s => s.Name))}")}{(_options.LevelMaps ? "; maps divided by their level" : "")}";

    public IMethod Learn(DatasetObject good, string folder, IProgress<LearnProgress>? progress, CancellationToken cancellation)
    {
        var path = Path.Combine(folder, "bank.mrfbank");
        var skipped = LearnedOnce.Skipped(path, () =>
        {
            var request = new LearnRequest
            {
                Images = good.Train,
                Id = good.Name,
                Created = clock.GetUtcNow(),
                Options = _options with { MixedSizes = true },
                Alignment = settings.Alignment,
                Candidates = Candidates,
                Folds = settings.Folds,
                FalseAlarms = settings.FalseAlarms,
                Certified = false, // its report names a threshold of all held-out pixels
                SkipUnreadable = true,
                Threads = settings.Threads,
            };
            return new BankLearner(encoder, clock, mask).Learn(request, path, progress, cancellation).Skipped;
        });

        var bank = BankFile.Open(path);
        var shapes = bank.Description.Options.Shapes;
        var names = _options.Scales.SelectMany(scale => encoder.Layers.SelectMany(layer => shapes.Select(shape => new MapName(layer, scale, shapes.Count == 1 ? null : shape.Name))));
        return new MrfAdMethod(encoder, mask, bank, [.. names], skipped, settings, clock);
    }

    public void Dispose()
    {
        mask?.Dispose();
        encoder.Dispose();
    }
}
