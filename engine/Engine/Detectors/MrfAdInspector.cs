using System.Security.Cryptography;
using MrfAd.Engine.Alignment;
using MrfAd.Engine.Banks;
using MrfAd.Engine.Features;
using MrfAd.Engine.Fusion;
using MrfAd.Engine.Images;
using MrfAd.Engine.Masks;
using MrfAd.Engine.Verdicts;
using MrfAd.Onnx.Graphs;
using MrfAd.Onnx.Sessions;

namespace MrfAd.Engine.Detectors;

/// <summary>Inspects images with a bank: <see cref="MrfAdScorer"/> and the bank's calibration.</summary>
public sealed class MrfAdInspector : IInspector
{
    // The share of the highest bound in a frame from which on scores are made exact, where those of the upright image did not suffice.
    private const float LowerLimit = 0.98f;

    private readonly BankDescription _bank;
    private readonly Encoder _encoder;
    private readonly BankFile _file;
    private readonly BankSearches _searches;
    private readonly MrfAdScorer _scorer;
    private readonly MaskModel? _mask;
    private readonly BackgroundRemover? _background;
    private readonly FrameAligner? _aligner;
    private readonly RegionRasters _rasters = new();
    private readonly TimeProvider _clock;
    private readonly MessageTarget _messages;
    private readonly bool _isCertified;

    private MrfAdInspector(Encoder encoder, BankFile file, MaskModel? mask, int threads, TimeProvider clock, OnnxDevice? device, MessageTarget messages, bool certified)
    {
        _messages = messages;
        _isCertified = certified;
        _encoder = encoder;
        _file = file;
        _bank = file.Description;
        _mask = mask;
        _background = file.OpenBackgroundRemover(mask, encoder);
        _aligner = file.OpenAligner();
        _clock = clock;
        _searches = new BankSearches(file, device);
        _scorer = MrfAdScorer.For(file, encoder, _searches.Branches, threads, clock, _background);
        var calibration = _bank.Calibration;
        Info = new InspectorInfo(_bank.Id, _bank.Version, file.Sha256, encoder.Id, encoder.Sha256, calibration.Threshold, calibration.HeatmapScale, _bank.ReferenceStatistics)
        {
            Learned = _bank.Learned,
            HasChecksum = file.HasChecksum,
            Regions = _bank.Regions,
            Reference = _bank.Alignment,
            ReferenceSha256 = _bank.Alignment is { } reference ? Convert.ToHexStringLower(SHA256.HashData(reference.Png)) : null,
        };
    }

    public InspectorInfo Info { get; private set; }

    /// <param name="encoderPath">The encoder with which the bank was learned.</param>
    /// <param name="threads">The number of threads of the encoder and of a search.</param>
    /// <param name="clock">The clock that measures the times of the stages.</param>
    /// <param name="maskPath">The path of the mask model; it is loaded only where the bank was learned with one.</param>
    /// <param name="device">The device on which the encoder and the search are to run; null means the CPU.</param>
    /// <param name="certified">True to search exactly only what can change the verdict (<see cref="MrfAdScorer.ScoreCertified"/>), where the search is exact and on the CPU.</param>
    /// <exception cref="BankFormatException">The bank is damaged, or was learned with another encoder or mask model.</exception>
    /// <exception cref="OnnxModelException">The encoder or the mask model cannot be used.</exception>
    public static MrfAdInspector Open(string encoderPath, string bankPath, int threads, TimeProvider clock, string? maskPath = null, OnnxDevice? device = null, bool certified = false)
    {
        var file = BankFile.Open(bankPath);
        Encoder? encoder = null;
        MaskModel? mask = null;
        var messages = new MessageTarget { Report = device?.Report ?? (_ => { }) };
        device = device is null ? null : device with { Report = text => messages.Report(text) };
        try
        {
            encoder = EncoderFor(file, encoderPath, threads, device);
            mask = MaskFor(file, maskPath, threads, device);
            return new MrfAdInspector(encoder, file, mask, threads, clock, device, messages, certified);
        }
        catch
        {
            encoder?.Dispose();
            mask?.Dispose();
            file.Dispose();
            throw;
        }
    }

    /// <summary>Opens the encoder of a bank.</summary>
    /// <inheritdoc cref="Open"/>
    public static Encoder EncoderFor(BankFile bank, string encoderPath, int threads, OnnxDevice? device = null)
    {
        var (id, sha256) = Encoder.Identify(encoderPath);
        if (sha256 != bank.Description.EncoderSha256)
        {
            throw new BankFormatException(
                $"{bank.Path} was learned with the encoder {bank.Description.EncoderId} (sha256 {bank.Description.EncoderSha256[..12]}…), "
                + $"{encoderPath} is {id} (sha256 {sha256[..12]}…): learn the bank again, or use its encoder");
        }

        var encoder = Encoder.Open(encoderPath, bank.Description.Layers, threads, device);
        if (bank.Description.EncoderSettingsSha256 is not { } settings || encoder.SettingsSha256 == settings)
            return encoder;
        encoder.Dispose();
        throw new BankFormatException(
            $"{bank.Path} was learned with other settings of the encoder {id} than {encoderPath} has now (its descriptor: mean, std, layers, size_multiple, prefix_tokens): learn the bank again, or use its descriptor");
    }

    /// <summary>Opens the mask model of a bank.</summary>
    /// <returns>The mask model; null where the bank was learned with the background, or no path is given.</returns>
    /// <inheritdoc cref="Open"/>
    public static MaskModel? MaskFor(BankFile bank, string? maskPath, int threads, OnnxDevice? device = null) =>
        bank.Description.Mask is null || maskPath is null ? null : MaskModel.Open(maskPath, threads, device);

    /// <summary>The mask of the part in the last inspected image; null where the whole image counts, and where it is aligned, because the mask is that of the upright part.</summary>
    public PartMask? PartMask => _aligner is null ? _background?.Mask : null;

    /// <summary>Aligns a good image as it was learned; null where frames are not aligned.</summary>
    /// <returns>A new image in which the part lies as in <see cref="NearestPatch.Place"/>.</returns>
    public Image? Upright(Image image)
    {
        using var aligner = _file.OpenAligner();
        if (aligner is null)
            return null;
        aligner.Upright(image);
        return ImageAligner.Upright(image, aligner.Last);
    }

    /// <summary>Scores a grey image of the learned size, so that every graph is loaded, and its engine built, before the first part arrives.</summary>
    /// <inheritdoc/>
    public void Prepare(Action<string> report)
    {
        _messages.Report = report;
        if (!_bank.Options.MixedSizes)
        {
            using var grey = new Image(_bank.ImageWidth, _bank.ImageHeight, 3);
            grey.Bytes.Fill(128);
            _scorer.Score(grey);
        }

        Info = Info with { Graphs = [.. _encoder.Placements, .. _mask?.Placements ?? [], .. _searches.Placement is { } search ? [search] : Array.Empty<GraphPlacement>()] };
    }

    public Inspection Inspect(Image image, float? threshold = null, PartRegions? regions = null)
    {
        if (!_bank.Options.MixedSizes && (image.Width != _bank.ImageWidth || image.Height != _bank.ImageHeight))
            throw new ImageMismatchException($"the bank '{_bank.Id}' learned images of {_bank.ImageWidth}x{_bank.ImageHeight}, got {image}");
        _scorer.Regions = _rasters.Of(regions ?? _bank.Regions, image);
        var start = _clock.GetTimestamp();
        var upright = _aligner?.Upright(image) ?? image;
        var aligned = Aligned(start);
        var limit = threshold ?? Info.Threshold;
        var map = _isCertified ? _scorer.ScoreCertified(upright, MathF.Min(limit, _scorer.Regions?.LowestThreshold ?? limit)) : _scorer.Score(upright);
        start = _clock.GetTimestamp();
        map = _aligner?.AsSeen(map) ?? map;
        var labels = _scorer.Regions is not { } drawn ? [] : _aligner is null ? drawn.Labels : _aligner.AsSeen(drawn);
        aligned += Aligned(start);
        var (score, defects) = MapJudge.Judge(map, limit, _scorer.Regions, labels);
        while (score < _scorer.ExactFrom) // the highest scores lie between the frame's pixels or outside of it, are ignored, or those of a region with a limit of its own
        {
            MakeExact(LowerLimit * score);
            (score, defects) = MapJudge.Judge(map, limit, _scorer.Regions, labels);
        }

        if (!float.IsFinite(score))
            throw new ImageMismatchException($"the encoder {_encoder.Id} gives no finite features for this image");
        return new Inspection(score, limit, _bank.Calibration.PValue(score), defects, map, _aligner is null ? _scorer.Times : _scorer.Times with { Align = aligned })
        {
            Degraded = Degraded,
            IsMaskDoubted = _background?.RejectionReason is not null,
            Alignment = _aligner?.Last,
            IsBounded = _scorer.ExactFrom > float.NegativeInfinity,
            RegionsSha256 = _scorer.Regions?.Sha256,
        };
    }

    public void MakeExact(float from)
    {
        if (from >= _scorer.ExactFrom)
            return;
        _scorer.MakeExact(from);
        var seen = _aligner?.AsSeen(_scorer.Map);
        if (seen is not null && _scorer.Regions is { } drawn)
            RegionLabels.ClearIgnored(seen.Scores, _aligner!.AsSeen(drawn));
    }

    private TimeSpan Aligned(long start)
    {
        var end = _clock.GetTimestamp();
        if (_aligner is not null)
            StageSpans.Add(_clock, (StageSpans.Align, start, end));
        return _clock.GetElapsedTime(start, end);
    }

    private string? Degraded
    {
        get
        {
            var mask = _background?.RejectionReason is { } reason ? $"the background was not removed: {reason}" : null;
            var hidden = _aligner?.Hidden;
            return mask is null || hidden is null ? mask ?? hidden : $"{mask}; {hidden}";
        }
    }

    public IReadOnlyList<HotSpot> Explain(Inspection inspection, int maxSpots)
    {
        var map = inspection.Map;
        var places = inspection.Regions.Count > 0
            ? inspection.Regions.Take(maxSpots).Select(r => HighestPixel(map, r.X, r.Y, r.Width, r.Height))
            : [HighestPixel(map, 0, 0, map.Width, map.Height)];
        return [.. places.Select(p => new HotSpot(
            p.X, p.Y, map.Scores[(p.Y * map.Width) + p.X],
            [.. _file.BranchNames.Select((name, b) => NearestTo(p.X, p.Y, map, name, b)).OfType<NearestPatch>().OrderByDescending(n => n.Distance)]))];
    }

    private static (int X, int Y) HighestPixel(AnomalyMap map, int left, int top, int width, int height)
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

    /// <returns>The nearest patch of the bank; null where the patch at this pixel was background in this branch.</returns>
    private NearestPatch? NearestTo(int x, int y, AnomalyMap map, string branch, int b)
    {
        var (columns, rows) = _scorer.BranchSizes[b];
        (x, y) = _aligner?.Upright(x, y) ?? (x, y);
        var patch = ((int)((long)y * rows / map.Height) * columns) + (int)((long)x * columns / map.Width);
        if (_scorer.NearestRows[b][patch] < 0)
            return null;
        var (image, place) = _file.Source(branch, _scorer.NearestRows[b][patch]);
        var seen = PatchPlace.InGrid(patch, columns, rows, map.Width, map.Height);
        return new NearestPatch(
            branch, _scorer.BranchMaps[b][patch], _aligner?.AsSeen(seen) ?? seen, image,
            _bank.Options.MixedSizes ? null : PatchPlace.InGrid(place, columns, rows, map.Width, map.Height));
    }

    public void Dispose()
    {
        _scorer.Dispose();
        _searches.Dispose();
        _background?.Dispose();
        _aligner?.Dispose();
        _mask?.Dispose();
        _encoder.Dispose();
        _file.Dispose();
    }

    /// <summary>Receives messages about graphs, which are loaded when they are first needed, mostly in <see cref="Prepare"/>.</summary>
    private sealed class MessageTarget
    {
        public required Action<string> Report { get; set; }
    }
}
