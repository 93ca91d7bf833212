using MrfAd.Engine.Banks;
using MrfAd.Engine.Features;
using MrfAd.Engine.Fusion;
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
        Info = new InspectorInfo(_bank.Id, _bank.Version, file.Sha256, encoder.Id, encoder.Sha256, calibration.Threshold, calibration.HeatmapScale, _bank.GoodImages);
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
            encoder = EncoderFor(file, encoderPath, threads);
            return new MrfAdInspector(encoder, file, threads, clock);
        }
        catch
        {
            encoder?.Dispose();
            file.Dispose();
            throw;
        }
    }

    /// <summary>Opens the encoder of a bank.</summary>
    /// <inheritdoc cref="Open"/>
    public static Encoder EncoderFor(BankFile bank, string encoderPath, int threads)
    {
        var (id, sha256) = Encoder.Identify(encoderPath);
        if (sha256 != bank.Description.EncoderSha256)
        {
            throw new BankFormatException(
                $"{bank.Path} was learned with the encoder {bank.Description.EncoderId} (sha256 {bank.Description.EncoderSha256[..12]}…), "
                + $"{encoderPath} is {id} (sha256 {sha256[..12]}…): learn the bank again, or use its encoder");
        }

        return Encoder.Open(encoderPath, bank.Description.Layers, threads);
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

    public IReadOnlyList<HotSpot> Explain(Inspection inspection, int most)
    {
        var map = inspection.Map;
        var places = inspection.Regions.Count > 0
            ? inspection.Regions.Take(most).Select(r => Highest(map, r.X, r.Y, r.Width, r.Height))
            : [Highest(map, 0, 0, map.Width, map.Height)];
        return [.. places.Select(p => new HotSpot(
            p.X, p.Y, map.Scores[(p.Y * map.Width) + p.X],
            [.. _file.BranchNames.Select((name, b) => NearestTo(p.X, p.Y, map, name, b)).OrderByDescending(n => n.Distance)]))];
    }

    private static (int X, int Y) Highest(AnomalyMap map, int left, int top, int width, int height)
    {
        var at = (top * map.Width) + left;
        for (var y = top; y < top + height; y++)
        {
            for (var x = left; x < left + width; x++)
            {
                if (map.Scores[(y * map.Width) + x] > map.Scores[at])
                    at = (y * map.Width) + x;
            }
        }

        return (at % map.Width, at / map.Width);
    }

    private NearestPatch NearestTo(int x, int y, AnomalyMap map, string branch, int b)
    {
        var (columns, rows) = _scorer.BranchSizes[b];
        var patch = ((int)((long)y * rows / map.Height) * columns) + (int)((long)x * columns / map.Width);
        var (image, place) = _file.Source(branch, _scorer.NearestRows[b][patch]);
        return new NearestPatch(
            branch, _scorer.BranchMaps[b][patch], PatchPlace.InGrid(patch, columns, rows, map.Width, map.Height), image,
            _bank.Options.MixedSizes ? null : PatchPlace.InGrid(place, columns, rows, map.Width, map.Height));
    }

    public void Dispose()
    {
        _scorer.Dispose();
        _encoder.Dispose();
        _file.Dispose();
    }
}
