using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using MrfAd.Contracts;
using MrfAd.Platform;
using MrfAd.Station.Keys;
using MrfAd.Station.Options;
using MrfAd.Station.Updates;

namespace MrfAd.Cli.Upgrades;

/// <summary>Makes, signs and verifies the manifests of packages.</summary>
public static partial class SignedPackage
{
    /// <summary>The extension that is added to the name of a package for its signed manifest, in the same folder.</summary>
    public const string Extension = Manifests.Extension;

    /// <summary>Maximum size of a signed manifest in bytes.</summary>
    public const int MaxBytes = 64 * 1024;

    // Above any package: .NET, OpenCV and ONNX Runtime's providers for NVIDIA devices together have less than 1 GB.
    private const long MaxPackageBytes = 4L << 30;

    private static readonly string[] Architectures = ["linux-x64", "linux-arm64"];

    /// <summary>The machine that this program runs on, as manifests name it.</summary>
    public static string OwnArchitecture => $"linux-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";

    /// <summary>Makes the manifest of a package, which is read twice.</summary>
    /// <exception cref="UpdateRefusedException">It is no package of this program.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static PackageManifest Make(string path, CancellationToken cancellation)
    {
        var contents = PackageArchive.Inspect(path, cancellation);
        if (FolderName().Match(contents.Folder) is not { Success: true } name)
            throw new UpdateRefusedException($"{path} holds the folder '{contents.Folder}', want mrfad-VERSION-linux-ARCHITECTURE");
        if (contents.Description.Version != name.Groups[1].Value)
            throw new UpdateRefusedException($"{path}: its folder is of version {name.Groups[1].Value}, its program of {contents.Description.Version}");
        return Checked(new PackageManifest
        {
            Version = contents.Description.Version,
            Architecture = name.Groups[2].Value,
            Size = FileLength.Of(path),
            Sha256 = FileHash.Of(path, cancellation),
            UnpackedBytes = contents.Bytes,
            StateVersion = contents.Description.StateVersion,
            StateBackTo = contents.Description.StateBackTo,
        });
    }

    public static SignedManifest Sign(PackageManifest manifest, SigningKey key)
    {
        var text = JsonSerializer.Serialize(manifest, StationJson.Options);
        return new SignedManifest { Key = key.Id, Manifest = text, Signature = key.Sign(SignedText(key.Id, text)) };
    }

    /// <summary>Reads a signed manifest; its signature is not verified yet.</summary>
    /// <exception cref="UpdateRefusedException">It is too large, or no signed manifest.</exception>
    public static SignedManifest Read(ReadOnlySpan<byte> bytes) =>
        bytes.Length <= MaxBytes ? Manifests.Read(bytes) : throw new UpdateRefusedException($"the signed manifest has {bytes.Length} bytes, want at most {MaxBytes}");

    public static byte[] Bytes(SignedManifest offer) => Manifests.Bytes(offer);

    /// <summary>Verifies a signed manifest and reads it. It is parsed only after its signature is verified.</summary>
    /// <exception cref="UpdateRefusedException">It is not signed by a trusted key, or is not valid; the text says what is wrong.</exception>
    public static PackageManifest Open(SignedManifest offer, TrustedKeys keys)
    {
        if (keys.Refuse(offer.Key, SignedText(offer.Key, offer.Manifest), offer.Signature) is { } refusal)
            throw new UpdateRefusedException($"the package is refused: {refusal}");
        try
        {
            return Checked(JsonSerializer.Deserialize<PackageManifest>(offer.Manifest, StationJson.Options) ?? throw new JsonException("it is null"));
        }
        catch (JsonException e)
        {
            throw new UpdateRefusedException($"the manifest cannot be read; a later program may have made it: {e.Message}", e);
        }
    }

    // Another first line than that of a bank's manifest: the signature of one is never taken for the other's.
    private static byte[] SignedText(string key, string manifest) => Encoding.UTF8.GetBytes(string.Join('\n', "mrfad-package/1", key, manifest));

    private static PackageManifest Checked(PackageManifest m)
    {
        var fault =
            m.Schema != PackageManifest.SchemaName ? $"its schema is '{m.Schema}', want '{PackageManifest.SchemaName}'"
            : !VersionText().IsMatch(m.Version) ? $"the version is '{m.Version}', want one such as 0.2.0 or 0.2.0-rc.1"
            : !Architectures.Contains(m.Architecture) ? $"the architecture is '{m.Architecture}', want one of {string.Join(", ", Architectures)}"
            : m.Size is < 1 or > MaxPackageBytes || m.UnpackedBytes is < 1 or > PackageArchive.MaxBytes ? $"{m.Size} bytes that become {m.UnpackedBytes} are no package"
            : !Hash().IsMatch(m.Sha256) ? "its SHA-256 is none"
            : m.StateVersion < 1 || m.StateBackTo < 1 || m.StateBackTo > m.StateVersion ? $"state versions {m.StateBackTo} to {m.StateVersion} cannot be"
            : null;
        return fault is null ? m : throw new UpdateRefusedException($"the manifest makes no sense: {fault}");
    }

    [GeneratedRegex(@"^mrfad-(.+)-(linux-[a-z0-9]+)\z")]
    private static partial Regex FolderName();

    [GeneratedRegex(@"^[0-9]+\.[0-9]+\.[0-9]+(-[A-Za-z0-9.]{1,40})?\z")]
    private static partial Regex VersionText();

    [GeneratedRegex(@"^[0-9a-f]{64}\z")]
    private static partial Regex Hash();
}
