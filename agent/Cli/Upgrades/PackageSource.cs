using MrfAd.Cli.Models;
using MrfAd.Contracts;
using MrfAd.Platform;
using MrfAd.Station.Options;
using MrfAd.Station.Updates;

namespace MrfAd.Cli.Upgrades;

/// <summary>Takes a package from a file or an http(s) address: first its signed manifest, then, once that is believed, the package itself.</summary>
internal sealed class PackageSource(string place, TimeProvider clock)
{
    private static readonly TimeSpan ResponseTimeout = TimeSpan.FromSeconds(60), Pause = TimeSpan.FromSeconds(1);

    /// <summary>Reads the signed manifest; its signature is not verified yet.</summary>
    /// <param name="folder">A folder for what is downloaded.</param>
    /// <exception cref="UpdateRefusedException">There is none, or it is no signed manifest.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public async Task<SignedManifest> ManifestAsync(string folder, CancellationToken cancellation)
    {
        var signature = place + SignedPackage.Extension;
        if (FetchPlace.IsAddress(place))
            signature = await DownloadAsync(signature, Path.Combine(folder, "signature"), null, SignedPackage.MaxBytes, cancellation);
        else if (!File.Exists(signature))
            throw new UpdateRefusedException($"there is no {signature}: the package is not signed ('mrfad upgrade sign')");
        return SignedPackage.Read(UserFiles.ReadBytes(signature, SignedPackage.MaxBytes));
    }

    /// <summary>Copies the package into a folder that others cannot change, and compares the copy with the manifest.</summary>
    /// <returns>The path of the copy.</returns>
    /// <exception cref="UpdateRefusedException">It has other bytes than the manifest says.</exception>
    /// <exception cref="IOException">It cannot be read, or the disk is full.</exception>
    public async Task<string> CopyAsync(PackageManifest manifest, string folder, CancellationToken cancellation)
    {
        var copy = Path.Combine(folder, "package.tar.gz");
        if (FetchPlace.IsAddress(place))
            copy = await DownloadAsync(place, copy, manifest.Size, manifest.Size, cancellation);
        else
            Copy(manifest, copy, cancellation);
        return FileHash.Of(copy, cancellation) is var sha256 && sha256 == manifest.Sha256
            ? copy : throw new UpdateRefusedException($"the package's sha256 is {sha256[..12]}…, the manifest's {manifest.Sha256[..12]}…: it was changed");
    }

    private void Copy(PackageManifest manifest, string copy, CancellationToken cancellation)
    {
        using var from = UserFiles.OpenRead(place);
        if (from.Length != manifest.Size)
            throw new UpdateRefusedException($"{place} has {from.Length} bytes, its signed manifest says {manifest.Size}: it was changed");
        using var to = UserFiles.Open(copy, FileMode.Create, FileAccess.Write);
        var buffer = new byte[1 << 20];
        for (var left = manifest.Size; left > 0;)
        {
            cancellation.ThrowIfCancellationRequested();
            var read = from.Read(buffer, 0, (int)Math.Min(left, buffer.Length));
            if (read == 0)
                break; // its hash says so
            to.Write(buffer, 0, read);
            left -= read;
        }
    }

    private async Task<string> DownloadAsync(string address, string path, long? bytes, long maxBytes, CancellationToken cancellation)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri))
            throw new UsageException($"'{place}' is no address");
        using var downloader = new Downloader(ResponseTimeout, Pause, clock);
        return await downloader.FetchAsync(uri, path, bytes, maxBytes, (_, _) => { }, cancellation);
    }
}
