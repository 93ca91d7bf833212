using MrfAd.Contracts;
using MrfAd.Engine.Banks;
using MrfAd.Engine.Detectors;
using MrfAd.Engine.Images;
using MrfAd.Engine.Learning;
using MrfAd.Engine.Verdicts;
using MrfAd.Platform;
using MrfAd.Station.Inspection;
using MrfAd.Station.Options;

namespace MrfAd.Station.Updates;

/// <summary>Learns false rejects (overkill): the patches of good frames that were judged NG become a new version of the bank. It waits in quarantine, with a preview of its effect, until an operator confirms it as an update.</summary>
public sealed class CorrectionService(
    StationBank bank, UpdateWorker updates, UpdateTrust trust, UpdateOptions options, CorrectionFrames frames, Thresholds thresholds, PendingCorrection pending, TimeProvider clock)
{
    // Labelled parts beyond these are not looked up when the candidates are listed.
    private const int MaxCandidates = 500;

    /// <summary>The regions that were drawn at the station; null means that the bank's own hold.</summary>
    public StationRegions? Regions { get; set; }

    /// <summary>Makes the corrected bank and previews its effect.</summary>
    /// <param name="verdicts">The ids of verdicts of this detector whose frames are kept. Of several, those that cannot be learned are left out.</param>
    /// <exception cref="UpdateRefusedException">No frame can be learned; the text says why.</exception>
    public Task<CorrectionPreview> PreviewAsync(IReadOnlyList<Guid> verdicts, CancellationToken cancellation) => Background.Run(() => Preview(verdicts, cancellation));

    /// <returns>The parts that people called good and this detector NG, as far as they can be learned; null while the bank is being loaded.</returns>
    public CorrectionCandidates? Candidates()
    {
        if (bank.Current is not { } current)
            return null;
        var learned = LearnedBy(current);
        var parts = frames.CalledGood(bank.Cameras, bank.Product).Take(MaxCandidates).ToLookup(v => learned.Contains(NameOf(v.Id)), v => v.Id);
        var kept = parts[false].Where(frames.Has).ToList();
        return new CorrectionCandidates
        {
            Cameras = bank.Cameras,
            Product = bank.Product,
            Bank = current.ToMessage(),
            Verdicts = [.. kept.Take(TeachCommand.MaxVerdicts)],
            More = Math.Max(0, kept.Count - TeachCommand.MaxVerdicts),
            WithoutFrame = parts[false].Count() - kept.Count,
            Learned = parts[true].Count(),
        };
    }

    /// <summary>Confirms the correction. From then on it is an update like any other: accepted, swapped in, watched, and rolled back if necessary.</summary>
    /// <param name="acceptMisses">True where it shall be learned though its preview lists defects that would no longer be found.</param>
    /// <exception cref="UpdateRefusedException">There is no such correction, or it is refused.</exception>
    public CorrectionPreview Confirm(Guid correction, bool acceptMisses, string by, CancellationToken cancellation)
    {
        var preview = Find(correction);
        if (preview.WouldMiss.Count > 0 && !acceptMisses)
            throw new UpdateRefusedException($"it would no longer find {string.Join(", ", preview.WouldMiss)}: want \"accept_misses\": true with the confirmation, or discard it");
        var manifest = Manifests.Make(pending.Bank, "0.1.0", 0, null, cancellation);
        var offer = Manifests.Sign(manifest, trust.Own);
        AtomicFile.Write(pending.Bank + Manifests.Extension, Manifests.Bytes(offer));
        updates.Offer(offer, pending.Bank, by);
        return preview with { Confirmed = true };
    }

    /// <summary>Returns true where the correction waits here to be confirmed or discarded.</summary>
    public bool Has(Guid correction) => pending.Find()?.Lesson == correction;

    /// <inheritdoc cref="Confirm"/>
    public CorrectionPreview Discard(Guid correction)
    {
        var preview = Find(correction);
        pending.Discard();
        return preview;
    }

    private CorrectionPreview Find(Guid correction) => pending.Find() is { } preview && preview.Lesson == correction ? preview : throw new UpdateRefusedException($"there is no correction {correction}: it was discarded, or another came after it");

    private static string NameOf(Guid verdict) => $"taught-{verdict}";

    private CorrectionPreview Preview(IReadOnlyList<Guid> verdicts, CancellationToken cancellation)
    {
        var current = bank.Current ?? throw new UpdateRefusedException(bank.Detector.WhyNone);
        var (chosen, leftOut) = Choose([.. verdicts.Distinct()], current);
        pending.Discard();
        var correction = Learn(chosen, current, cancellation);
        var version = new StoredVersion(correction.Bank.Id, correction.Bank.Version, FileHash.Of(pending.Bank, cancellation), trust.Own.Id);
        var defects = Defects(verdicts.ToHashSet());
        var threshold = ThresholdsOf(current, correction.Bank.Calibration.Threshold);
        var (parts, good) = (new List<CorrectedPart>(), new List<UntaughtPart>());
        foreach (var (frame, image) in chosen.Zip(correction.Images))
        {
            if (image.Rows > 0)
                parts.Add(new CorrectedPart { Verdict = frame.VerdictId, ScoreBefore = image.Before, ScoreAfter = image.After, Threshold = threshold(frame.Camera) });
            else
                good.Add(Untaught(frame.VerdictId, FormattableString.Invariant($"it scores {image.Before:0.####}, below the threshold {threshold(frame.Camera):0.####}: there is nothing to teach")));
        }

        var preview = new CorrectionPreview
        {
            Lesson = Guid.CreateVersion7(clock.GetUtcNow()),
            Verdict = parts[0].Verdict,
            Bank = version.ToMessage(),
            ScoreBefore = parts.Max(p => p.ScoreBefore),
            ScoreAfter = parts.Max(p => p.ScoreAfter),
            Threshold = correction.Bank.Calibration.Threshold,
            Parts = parts,
            LeftOut = [.. leftOut, .. good],
            Patches = correction.Rows,
            WouldMiss = Missed(defects, current, version, cancellation),
            LookedAt = defects.Count,
        };
        pending.Save(preview);
        return preview;
    }

    /// <summary>Divides verdicts into those that may be learned and those that are left out.</summary>
    /// <exception cref="UpdateRefusedException">None may be learned.</exception>
    private (List<CorrectionFrame> Chosen, List<UntaughtPart> LeftOut) Choose(IReadOnlyList<Guid> verdicts, StoredVersion current)
    {
        var (learned, chosen, leftOut) = (LearnedBy(current), new List<CorrectionFrame>(), new List<UntaughtPart>());
        foreach (var verdict in verdicts)
        {
            try
            {
                var frame = frames.Find(verdict);
                if (!bank.Judges(frame.Camera, frame.Product))
                    leftOut.Add(Untaught(verdict, $"it is of camera '{frame.Camera}'{(frame.Product is null ? "" : $" and product '{frame.Product}'")}, which another detector judges: teach it apart"));
                else if (learned.Contains(NameOf(verdict)))
                    leftOut.Add(Untaught(verdict, "the bank has learned it already"));
                else
                    chosen.Add(frame);
            }
            catch (UpdateRefusedException e)
            {
                leftOut.Add(Untaught(verdict, e.Message));
            }
        }

        return chosen.Count > 0
            ? (chosen, leftOut)
            : throw new UpdateRefusedException(leftOut.Count == 1 ? leftOut[0].Reason : $"none of {leftOut.Count} parts can be taught; the first one: {leftOut[0].Reason}");
    }

    private static UntaughtPart Untaught(Guid verdict, string reason) => new() { Verdict = verdict, Reason = reason };

    /// <returns>The names of the images that a version has learned; none where it is no bank.</returns>
    private HashSet<string> LearnedBy(StoredVersion version)
    {
        try
        {
            using var file = BankFile.Open(bank.Store.PathOf(version));
            return file.ImageNames().ToHashSet(StringComparer.Ordinal);
        }
        catch (Exception e) when (StationBank.IsUnusable(e))
        {
            // The same is refused with its reason where a correction is made.
            return [];
        }
    }

    private Func<string, float> ThresholdsOf(StoredVersion version, float own) => camera => thresholds.Find(camera, bank.Product, version.Sha256) ?? own;

    private BankCorrection Learn(IReadOnlyList<CorrectionFrame> chosen, StoredVersion current, CancellationToken cancellation)
    {
        try
        {
            using (var model = ModelFile.Open(bank.Store.PathOf(current)))
            {
                if (!BankFile.IsFormat(model.Format))
                    throw new UpdateRefusedException($"teaching is for banks alone, this station judges by {model.Format}");
            }

            using var file = BankFile.Open(bank.Store.PathOf(current));
            using var encoder = MrfAdInspector.EncoderFor(file, bank.Options.Encoder ?? DefaultEncoder.Path(), threads: 1);
            using var mask = MrfAdInspector.MaskFor(file, bank.Options.Background ?? DefaultEncoder.Mask(), threads: 1);
            // After a rollback, a higher version may have judged here already.
            var version = Math.Max(current.Version, bank.Store.Banks.Trusted.GetValueOrDefault(current.Id)) + 1;
            var threshold = ThresholdsOf(current, file.Description.Calibration.Threshold);
            var images = chosen.Select(frame => new TaughtImage(
                NameOf(frame.VerdictId), threshold(frame.Camera), () => frame.Open() ?? throw new UpdateRefusedException($"the frame of {frame.Name} was deleted meanwhile: try again"))
            {
                Regions = Regions?.InForce(frame.Camera, frame.Product, bank.Detector.Info!),
            }).ToList();
            return new BankEditor(file, clock, mask).Teach(encoder, images, 1, pending.Bank, version, cancellation);
        }
        catch (Exception e) when (e is LearnException || StationBank.IsUnusable(e))
        {
            throw new UpdateRefusedException(e.Message, e);
        }
    }

    private List<(string Name, string? Camera, Func<Image?> Open)> Defects(IReadOnlySet<Guid> taught) =>
    [
        .. ReferenceParts.In(options.GoldenFolder).Where(p => p.IsBad).Select(p => (Path.GetFileName(p.Path), bank.FirstCamera, (Func<Image?>)(() => ImageCodec.Read(p.Path)))),
        .. frames.Defects(taught, bank.Cameras, bank.Product).Select(f => (f.Name, (string?)f.Camera, f.Open)),
    ];

    private List<string> Missed(List<(string Name, string? Camera, Func<Image?> Open)> defects, StoredVersion current, StoredVersion next, CancellationToken cancellation)
    {
        var missed = new List<string>();
        using var old = bank.Open(current, threads: 1);
        using var inspector = bank.Open(pending.Bank, threads: 1);
        foreach (var (name, camera, open) in defects)
        {
            cancellation.ThrowIfCancellationRequested();
            using var image = open();
            if (image is not null && IsNg(old) && !IsNg(inspector))
                missed.Add(name);

            bool IsNg(IInspector judge) => judge.Inspect(image, null, Regions?.InForce(camera, bank.Product, judge.Info)).IsDefective;
        }

        return missed;
    }
}
