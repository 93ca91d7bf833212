using MrfAd.Contracts;
using MrfAd.Engine.Banks;
using MrfAd.Engine.Detectors;
using MrfAd.Engine.Images;
using MrfAd.Engine.Learning;
using MrfAd.Platform;
using MrfAd.Station.Inspection;
using MrfAd.Station.Options;

namespace MrfAd.Station.Updates;

/// <summary>Learns a false reject (overkill): the patches of a good frame that were judged NG become a new version of the bank. It waits in quarantine, with a preview of its effect, until an operator confirms it as an update.</summary>
public sealed class CorrectionService(
    StationBank bank, UpdateWorker updates, UpdateTrust trust, UpdateOptions options, RecentFrames recent, Thresholds thresholds, PendingCorrection pending, TimeProvider clock)
{
    /// <summary>Makes the corrected bank and previews its effect.</summary>
    /// <param name="verdict">The id of a verdict whose frame is still in memory.</param>
    /// <exception cref="UpdateRefusedException">The frame cannot be learned; the text says why.</exception>
    public Task<CorrectionPreview> PreviewAsync(Guid verdict, CancellationToken cancellation) => Background.Run(() => Preview(verdict, cancellation));

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

    private CorrectionPreview Preview(Guid verdict, CancellationToken cancellation)
    {
        if (recent.Find(verdict) is not { } frame || recent.Copy(verdict) is not { } image)
            throw new UpdateRefusedException($"the frame of verdict {verdict} is no longer in memory (updates.recent_frames_mb), or had none");
        using (image)
        {
            var current = bank.Current ?? throw new UpdateRefusedException("the bank is still being loaded");
            pending.Discard();
            var correction = Learn(frame, image, current);
            var version = new StoredVersion(correction.Bank.Id, correction.Bank.Version, FileHash.Of(pending.Bank, cancellation), trust.Own.Id);
            var defects = Defects(frame);
            var preview = new CorrectionPreview
            {
                Lesson = Guid.CreateVersion7(clock.GetUtcNow()),
                Verdict = verdict,
                Bank = version.ToMessage(),
                ScoreBefore = correction.Before,
                ScoreAfter = correction.After,
                Threshold = correction.Bank.Calibration.Threshold,
                Patches = correction.Rows,
                WouldMiss = Missed(defects, current, version, cancellation),
                LookedAt = defects.Count,
            };
            pending.Save(preview);
            return preview;
        }
    }

    private BankCorrection Learn(RecentFrame frame, Image image, StoredVersion current)
    {
        try
        {
            using (var model = ModelFile.Open(bank.Store.PathOf(current)))
            {
                if (model.Format != BankFile.Format)
                    throw new UpdateRefusedException($"teaching is for banks alone, this station judges by {model.Format}");
            }

            using var file = BankFile.Open(bank.Store.PathOf(current));
            using var encoder = MrfAdInspector.EncoderFor(file, bank.Options.Encoder ?? DefaultEncoder.Path(), threads: 1);
            using var mask = MrfAdInspector.MaskFor(file, bank.Options.Background ?? DefaultEncoder.Mask(), threads: 1);
            // After a rollback, a higher version may have judged here already.
            var version = Math.Max(current.Version, bank.Store.Banks.Trusted.GetValueOrDefault(current.Id)) + 1;
            var threshold = thresholds.Find(frame.Camera, current.Sha256) ?? file.Description.Calibration.Threshold;
            return new BankEditor(file, clock, mask).Teach(encoder, image, $"taught-{frame.VerdictId}", threshold, 1, pending.Bank, version);
        }
        catch (Exception e) when (e is LearnException || StationBank.IsUnusable(e))
        {
            throw new UpdateRefusedException(e.Message, e);
        }
    }

    private List<(string Name, Func<Image?> Open)> Defects(RecentFrame taught) =>
    [
        .. ReferenceParts.In(options.GoldenFolder).Where(p => p.IsBad).Select(p => (Path.GetFileName(p.Path), (Func<Image?>)(() => ImageCodec.Read(p.Path)))),
        .. recent.Last(int.MaxValue, bank.Cameras).Where(f => f.Verdict == Verdict.Ng && f.VerdictId != taught.VerdictId).Select(f => ($"verdict {f.VerdictId}", (Func<Image?>)(() => recent.Copy(f.VerdictId)))),
    ];

    private List<string> Missed(List<(string Name, Func<Image?> Open)> defects, StoredVersion current, StoredVersion next, CancellationToken cancellation)
    {
        var missed = new List<string>();
        using var old = bank.Open(current, threads: 1);
        using var inspector = bank.Open(pending.Bank, threads: 1);
        foreach (var (name, open) in defects)
        {
            cancellation.ThrowIfCancellationRequested();
            using var image = open();
            if (image is not null && old.Inspect(image).IsDefective && !inspector.Inspect(image).IsDefective)
                missed.Add(name);
        }

        return missed;
    }
}
