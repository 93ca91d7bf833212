using MrfAd.Engine.Banks;
using MrfAd.Engine.Features;
using MrfAd.Engine.Images;
using MrfAd.Engine.Verdicts;

namespace MrfAd.Engine;

/// <summary>Judges images by a bank: <see cref="MrfAdScorer"/> and the bank's calibration.</summary>
public sealed class MrfAdInspector : IInspector
{
    private readonly BankDescription _bank;
    private readonly Encoder _encoder;
    private readonly BankFile _file;
    private readonly MrfAdScorer _scorer;

    private MrfAdInspector(Encoder encoder, BankFile file, int threads, TimeProvider clock)
    {
        _encoder = encoder;
        _file = file;
        _bank = file.Description;
        _scorer = new MrfAdScorer(encoder, _bank.Options, [.. file.BranchNames.Select(file.CreateSearch)], threads, clock);
        var calibration = _bank.Calibration;
        Info = new InspectorInfo(_bank.Id, _bank.Version, file.Sha256, encoder.Id, encoder.Sha256, calibration.Threshold, calibration.HeatmapScale);
    }

    public InspectorInfo Info { get; }

    /// <param name="encoderPath">The encoder with which the bank was learned.</param>
    /// <param name="threads">Of the encoder and of a search.</param>
    /// <param name="clock">For the times of the stages.</param>
    /// <exception cref="BankFormatException">The bank is damaged, or was learned with another encoder.</exception>
    /// <exception cref="Onnx.OnnxModelException">The encoder cannot be used.</exception>
    public static MrfAdInspector Open(string encoderPath, string bankPath, int threads, TimeProvider clock)
    {
        var file = BankFile.Open(bankPath);
        Encoder? encoder = null;
        try
        {
            var (id, sha256) = Encoder.Identify(encoderPath);
            if (sha256 != file.Description.EncoderSha256)
            {
                throw new BankFormatException(
                    $"{bankPath} was learned with the encoder {file.Description.EncoderId} (sha256 {file.Description.EncoderSha256[..12]}…), "
                    + $"{encoderPath} is {id} (sha256 {sha256[..12]}…): learn the bank again, or use its encoder");
            }

            encoder = Encoder.Open(encoderPath, file.Description.Layers, threads);
            return new MrfAdInspector(encoder, file, threads, clock);
        }
        catch
        {
            encoder?.Dispose();
            file.Dispose();
            throw;
        }
    }

    public Inspection Inspect(Image image, float? threshold = null)
    {
        if (!_bank.Options.MixedSizes && (image.Width != _bank.ImageWidth || image.Height != _bank.ImageHeight))
            throw new ImageMismatchException($"the bank '{_bank.Id}' learned images of {_bank.ImageWidth}x{_bank.ImageHeight}, got {image}");
        var map = _scorer.Score(image);
        var score = float.NegativeInfinity;
        foreach (var value in map.Scores)
            score = MathF.Max(score, value); // NaN wins
        if (!float.IsFinite(score))
            throw new ImageMismatchException($"the encoder {_encoder.Id} gives no finite features for this image");
        var limit = threshold ?? Info.Threshold;
        var regions = score >= limit ? Regions.Find(map, limit) : [];
        return new Inspection(score, limit, _bank.Calibration.PValue(score), regions, map, _scorer.Times);
    }

    public void Dispose()
    {
        _scorer.Dispose();
        _encoder.Dispose();
        _file.Dispose();
    }
}
