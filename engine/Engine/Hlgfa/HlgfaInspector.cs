using MrfAd.Engine.Banks;
using MrfAd.Engine.Images;
using MrfAd.Engine.Masks;
using MrfAd.Engine.Verdicts;
using MrfAd.Onnx.Graphs;
using MrfAd.Onnx.Sessions;

namespace MrfAd.Engine.Hlgfa;

/// <summary>Inspects images with a trained model: <see cref="HlgfaScorer"/> and the model's calibration.</summary>
public sealed class HlgfaInspector : IInspector
{
    private readonly HlgfaDescription _model;
    private readonly HlgfaScorer _scorer;
    private readonly RegionRasters _rasters = new();

    private HlgfaInspector(HlgfaFile file, HlgfaScorer scorer)
    {
        (_model, _scorer) = (file.Description, scorer);
        var calibration = _model.Calibration;
        Info = new InspectorInfo(_model.Id, _model.Version, file.Sha256, _model.EncoderId, _model.EncoderSha256, calibration.Threshold, calibration.HeatmapScale, _model.ReferenceStatistics) { Learned = _model.Learned, HasChecksum = file.HasChecksum };
    }

    public InspectorInfo Info { get; }

    /// <param name="encoderPath">The encoder with which the model was trained.</param>
    /// <param name="threads">The number of threads of a run.</param>
    /// <param name="clock">The clock that measures the times of the stages.</param>
    /// <param name="device">The device that runs the graph; null means the CPU.</param>
    /// <exception cref="BankFormatException">The model is damaged, or was trained with another encoder.</exception>
    /// <exception cref="OnnxModelException">The encoder cannot be used.</exception>
    public static HlgfaInspector Open(string encoderPath, string modelPath, int threads, TimeProvider clock, OnnxDevice? device = null)
    {
        var file = HlgfaFile.Open(modelPath);
        return new HlgfaInspector(file, ScorerFor(file, encoderPath, threads, clock, device));
    }

    /// <summary>Opens the encoder of a model and combines both into a scorer.</summary>
    /// <inheritdoc cref="Open"/>
    public static HlgfaScorer ScorerFor(HlgfaFile file, string encoderPath, int threads, TimeProvider clock, OnnxDevice? device = null)
    {
        var d = file.Description;
        var (id, sha256) = Features.Encoder.Identify(encoderPath);
        if (sha256 != d.EncoderSha256)
        {
            throw new BankFormatException(
                $"{file.Path} was trained with the encoder {d.EncoderId} (sha256 {d.EncoderSha256[..12]}…), "
                + $"{encoderPath} is {id} (sha256 {sha256[..12]}…): train it again, or use its encoder");
        }

        var encoder = TwoViewEncoder.Open(encoderPath, d.Layers, d.Options.Ratio);
        if (d.EncoderSettingsSha256 is { } settings && encoder.SettingsSha256 != settings)
            throw new BankFormatException($"{file.Path} was trained with other settings of the encoder {id} than {encoderPath} has now (its descriptor: mean, std, layers, size_multiple, prefix_tokens): train it again, or use its descriptor");
        return new HlgfaScorer(encoder, new TrainedModule(d.Stages, d.Options, d.ViewWidth, d.ViewHeight, file.Theta, file.Normalisation), threads, clock, device);
    }

    public Inspection Inspect(Image image, float? threshold = null, PartRegions? regions = null)
    {
        if (!_model.Options.MixedSizes && (image.Width != _model.ImageWidth || image.Height != _model.ImageHeight))
            throw new ImageMismatchException($"the model '{_model.Id}' was trained on images of {_model.ImageWidth}x{_model.ImageHeight}, got {image}");
        var labels = _rasters.Of(regions, image);
        var map = _scorer.Score(image);
        var limit = threshold ?? Info.Threshold;
        var (score, defects) = MapJudge.Judge(map, limit, labels, labels is null ? [] : labels.Labels);
        if (!float.IsFinite(score))
            throw new ImageMismatchException($"the encoder {_model.EncoderId} gives no finite features for this image");
        return new Inspection(score, limit, _model.Calibration.PValue(score), defects, map, _scorer.Times) { RegionsSha256 = labels?.Sha256 };
    }

    /// <summary>Does nothing: every score is exact.</summary>
    public void MakeExact(float from)
    {
    }

    public void Dispose() => _scorer.Dispose();
}
