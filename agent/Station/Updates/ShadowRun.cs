using MrfAd.Engine.Images;
using MrfAd.Engine.Verdicts;
using MrfAd.Station.Inspection;
using MrfAd.Station.Options;

namespace MrfAd.Station.Updates;

/// <summary>Lets a new version and the version in use judge the reference parts and the last frames; none of these verdicts is published.</summary>
public sealed class ShadowRun(UpdateOptions options, StationBank bank, RecentFrames recent, Thresholds thresholds)
{
    /// <summary>The regions that were drawn at the station; null means that the banks' own hold.</summary>
    public StationRegions? Regions { get; set; }

    /// <summary>Compares two versions on the same images.</summary>
    /// <param name="old">Another instance of the version in use, which nothing else uses.</param>
    /// <param name="next">An instance of the new version, which nothing else uses.</param>
    /// <exception cref="UpdateRefusedException">A reference part cannot be read, or the new version cannot judge it.</exception>
    public ShadowResult Run(IInspector old, IInspector next, Action<double> progress, CancellationToken cancellation)
    {
        var parts = ReferenceParts.In(options.GoldenFolder);
        var frames = recent.Last(options.ShadowFrames, bank.Cameras, bank.Product);
        var (result, done) = (new ShadowResult(), 0);
        foreach (var (path, isBad) in parts)
        {
            using var image = Read(path, next.Info.Limits);
            var (before, after) = (IsNg(old, image, null, bank.FirstCamera, path), IsNg(next, image, null, bank.FirstCamera, path));
            result = isBad
                ? result with { Bad = result.Bad + 1, OldMisses = result.OldMisses + (before ? 0 : 1), NewMisses = result.NewMisses + (after ? 0 : 1) }
                : result with { Good = result.Good + 1, OldFalseAlarms = result.OldFalseAlarms + (before ? 1 : 0), NewFalseAlarms = result.NewFalseAlarms + (after ? 1 : 0) };
            Advance();
        }

        foreach (var frame in frames)
        {
            using var image = recent.Copy(frame.VerdictId);
            if (image is not null)
            {
                var before = IsNg(old, image, thresholds.Find(frame.Camera, frame.Product, old.Info.BankSha256), frame.Camera, frame.Source);
                var after = IsNg(next, image, null, frame.Camera, frame.Source);
                result = result with
                {
                    Frames = result.Frames + 1,
                    OldAlarms = result.OldAlarms + (before ? 1 : 0),
                    NewAlarms = result.NewAlarms + (after ? 1 : 0),
                    Appeared = result.Appeared + (!before && after ? 1 : 0),
                    Vanished = result.Vanished + (before && !after ? 1 : 0),
                };
            }

            Advance();
        }

        return result;

        void Advance()
        {
            cancellation.ThrowIfCancellationRequested();
            progress((double)++done / (parts.Count + frames.Count));
        }
    }

    private bool IsNg(IInspector inspector, Image image, float? threshold, string? camera, string name)
    {
        try
        {
            return inspector.Inspect(image, threshold, Regions?.InForce(camera, bank.Product, inspector.Info)).IsDefective;
        }
        catch (ImageMismatchException e)
        {
            throw new UpdateRefusedException($"{inspector.Info.BankId} version {inspector.Info.BankVersion} cannot judge {name}: {e.Message}", e);
        }
    }

    private static Image Read(string path, ImageLimits limits)
    {
        try
        {
            return ImageCodec.Read(path, limits);
        }
        catch (Exception e) when (e is ImageFormatException or IOException)
        {
            throw new UpdateRefusedException($"a reference part cannot be read: {e.Message}", e);
        }
    }
}
