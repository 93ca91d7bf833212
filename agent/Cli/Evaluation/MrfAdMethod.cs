using MrfAd.Cli.Terminal;
using MrfAd.Engine.Banks;
using MrfAd.Engine.Detectors;
using MrfAd.Engine.Features;
using MrfAd.Engine.Images;
using MrfAd.Engine.Masks;
using MrfAd.Engine.Verdicts;
using MrfAd.Onnx.Sessions;

namespace MrfAd.Cli.Evaluation;

/// <summary>Scores images with a bank: the map S_{l,s} of each branch, before they are fused.</summary>
public sealed class MrfAdMethod : IMethod
{
    private readonly BankFile _bank;
    private readonly BackgroundRemover? _background;
    private readonly BankSearches _searches;
    private readonly MrfAdScorer _scorer;
    private readonly FrameAligner? _aligner;
    private readonly TimeProvider _clock;

    /// <param name="bank">The bank, disposed with this object.</param>
    /// <param name="maps">Names of the bank's branches, in their order.</param>
    public MrfAdMethod(Encoder encoder, MaskModel? mask, BankFile bank, IReadOnlyList<MapName> maps, IReadOnlyList<string> skipped, MrfAdTrainerSettings settings, TimeProvider clock)
    {
        (_bank, _clock) = (bank, clock);
        Maps = maps;
        var description = bank.Description;
        _background = bank.OpenBackgroundRemover(mask, encoder);
        _aligner = bank.OpenAligner();
        _searches = new BankSearches(bank, settings.Device);
        _scorer = MrfAdScorer.For(bank, encoder, _searches.Branches, settings.Threads, clock, _background);
        Learned = new Learned(maps, description.Calibration,
        [
            new("views", FormattableString.Invariant($"{string.Join(", ", description.Views.Select(v => $"{v.Width}x{v.Height}"))} of {description.ImageWidth}x{description.ImageHeight}")),
            new("bank", $"{bank.BranchNames.Sum(b => bank.Size(b).Rows)} rows of {description.Images} images, sha256 {bank.Sha256}"),
            .. description.Choice is null ? Array.Empty<RunParameter>() : [new("chosen", ChoiceText.Sentence(description.Choice))],
            .. _searches.Placement is { } search ? [new RunParameter("searched on", string.Join("; ", search.Refusals.Prepend(search.Running.ToText())))] : Array.Empty<RunParameter>(),
            .. description.Alignment is null ? Array.Empty<RunParameter>() : [new("alignment", AlignmentText.Describe(description.Alignment))],
            .. description.Mask is null ? Array.Empty<RunParameter>() : [new("masks", MaskText.Describe(description.Mask, description.Images))],
            new("threshold", DescribeCalibration(description.Calibration)),
        ], skipped);
    }

    public IReadOnlyList<MapName> Maps { get; }

    public Learned Learned { get; }

    public ScoredImage Score(Image image)
    {
        var start = _clock.GetTimestamp();
        var upright = Upright(image);
        var aligned = _aligner is null ? TimeSpan.Zero : _clock.GetElapsedTime(start);
        var map = _scorer.Score(upright);
        foreach (var score in map.Scores)
        {
            if (!float.IsFinite(score))
                throw new ImageFormatException($"the encoder gives no finite features for this image ({image})");
        }

        return new ScoredImage(
            image.Width, image.Height, [.. _scorer.BranchMaps.Select((scores, b) => new ScoreMap(_scorer.BranchSizes[b].Width, _scorer.BranchSizes[b].Height, Weighted(scores, b)))], (aligned + _scorer.Times.Total).TotalMilliseconds)
        {
            ToFrame = _aligner?.Last.ToFrame,
        };
    }

    /// <returns>The scores of a branch as they go into the mean.</returns>
    private float[] Weighted(float[] scores, int b) => _scorer.Weights is { } weights ? [.. scores.Select(s => s * weights[b])] : scores;

    private Image Upright(Image image)
    {
        try
        {
            return _aligner?.Upright(image) ?? image;
        }
        catch (ImageMismatchException e)
        {
            throw new ImageFormatException(e.Message);
        }
    }

    public void Dispose()
    {
        _scorer.Dispose();
        _searches.Dispose();
        _aligner?.Dispose();
        _background?.Dispose();
        _bank.Dispose();
    }

    private static string DescribeCalibration(Engine.Verdicts.Calibration c) =>
        FormattableString.Invariant($"image {c.Threshold:0.####} ({c.Rule}), pixels {c.MeanPlus3Std:0.####} (mean + 3 std of held-out good pixels)");
}
