using MrfAd.Engine.Hlgfa;
using MrfAd.Engine.Images;

namespace MrfAd.Cli.Evaluation;

/// <summary>Scores images with a trained model: the map of each stage, before they are fused.</summary>
public sealed class HlgfaMethod : IMethod
{
    private readonly HlgfaScorer _scorer;

    public HlgfaMethod(HlgfaFile file, string encoder, IReadOnlyList<string> skipped, int threads, TimeProvider clock)
    {
        _scorer = HlgfaInspector.ScorerFor(file, encoder, threads, clock);
        var (d, training) = (file.Description, file.Description.Training);
        Maps = [.. d.Stages.Select(s => new MapName(s.Layer, null))];
        Learned = new Learned(Maps, d.Calibration,
        [
            new("views", $"{d.ViewWidth}x{d.ViewHeight} and {d.ViewWidth / d.Options.Ratio}x{d.ViewHeight / d.Options.Ratio} of {d.ImageWidth}x{d.ImageHeight}"),
            new("model", $"{new FileInfo(file.Path).Length} bytes, {d.Images} images, sha256 {file.Sha256}"),
            new("training", HlgfaText.Training(training)),
            new("threshold", FormattableString.Invariant($"image {d.Calibration.Threshold:0.####} ({d.Calibration.Rule}), pixels {d.Calibration.MeanPlus3Std:0.####} (mean + 3 std of held-out good pixels)")),
        ], skipped);
    }

    public IReadOnlyList<MapName> Maps { get; }

    public Learned Learned { get; }

    public ScoredImage Score(Image image)
    {
        var map = _scorer.Score(image);
        foreach (var score in map.Scores)
        {
            if (!float.IsFinite(score))
                throw new ImageFormatException($"the encoder gives no finite features for this image ({image})");
        }

        return new ScoredImage(
            image.Width, image.Height, [.. _scorer.StageMaps.Zip(_scorer.Stages, (scores, stage) => new ScoreMap(stage.Width, stage.Height, scores))], _scorer.Times.Total.TotalMilliseconds);
    }

    public void Dispose() => _scorer.Dispose();
}
