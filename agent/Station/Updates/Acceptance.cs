using MrfAd.Contracts;
using MrfAd.Engine.Banks;
using MrfAd.Engine.Verdicts;
using MrfAd.Station.Options;

namespace MrfAd.Station.Updates;

/// <summary>The checks that a new version must pass before it may judge parts, even in a shadow run.</summary>
public static class Acceptance
{
    /// <summary>Checks the manifest, before any chunk is fetched.</summary>
    /// <param name="current">The inspector that judges now.</param>
    /// <exception cref="UpdateRefusedException">The version is refused; the text says why.</exception>
    public static void CheckOffer(ModelManifest offered, InspectorInfo current, StoredBanks banks, UpdateOptions options, string agentVersion)
    {
        var trusted = Math.Max(banks.Trusted.GetValueOrDefault(offered.Id), offered.Id == current.BankId ? current.BankVersion : 0);
        var fault =
            offered.Version <= trusted ? $"{offered.Id} version {offered.Version} is not newer than version {trusted}, which judged here already"
            : offered.EncoderSha256 != current.EncoderSha256
                ? $"it was made with the encoder {offered.EncoderId} (sha256 {offered.EncoderSha256[..12]}…), this station has {current.EncoderId} (sha256 {current.EncoderSha256[..12]}…)"
            : Version.Parse(offered.MinimumAgentVersion) > Version.Parse(agentVersion.Split('-', '+')[0]) ? $"it wants an agent of version {offered.MinimumAgentVersion} or later, this is {agentVersion}"
            : offered.Size > options.LargestMb * 1_000_000L ? $"it has {offered.Size} bytes, the station takes {options.LargestMb * 1_000_000L} (updates.largest_mb)"
            : null;
        if (fault is not null)
            throw new UpdateRefusedException(fault);
    }

    /// <summary>Checks that the file is complete, agrees with its manifest, and holds only finite values.</summary>
    /// <exception cref="UpdateRefusedException">It fails a check; the text says why.</exception>
    public static void CheckFile(string path, ModelManifest manifest, Action<double> progress, CancellationToken cancellation)
    {
        var sha256 = FileHash.Of(path, cancellation, progress);
        if (sha256 != manifest.Sha256)
            throw new UpdateRefusedException($"the file's sha256 is {sha256[..12]}…, the manifest's {manifest.Sha256[..12]}…");
        try
        {
            using var model = ModelFile.Open(path);
            var description = model.Description;
            var fault =
                (description.Id, description.Version) != (manifest.Id, manifest.Version) ? $"the file is {description.Id} version {description.Version}, the manifest's is {manifest.Id} version {manifest.Version}"
                : model.Format != manifest.Format ? $"the file's format is {model.Format}, the manifest's {manifest.Format}"
                : description.EncoderSha256 != manifest.EncoderSha256 ? "the file was made with another encoder than the manifest says"
                : ModelFile.DigestOf(description.Calibration) != manifest.CalibrationSha256 ? "the file has another calibration than the manifest says"
                : null;
            if (fault is not null)
                throw new UpdateRefusedException(fault);
            model.CheckFinite(cancellation);
        }
        catch (BankFormatException e)
        {
            throw new UpdateRefusedException(e.Message, e);
        }
    }
}
