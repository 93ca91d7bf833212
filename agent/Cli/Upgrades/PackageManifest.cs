using System.Text.Json.Serialization;

namespace MrfAd.Cli.Upgrades;

/// <summary>The manifest of a package of the program, which is signed. Its file is described in PACKAGE-FORMAT.md.</summary>
public sealed record PackageManifest
{
    public const string SchemaName = "mrfad.package.v1";

    /// <summary>Name and version of this format.</summary>
    public string Schema { get; init; } = SchemaName;

    /// <summary>The version of the program, for example "0.2.0".</summary>
    public required string Version { get; init; }

    /// <summary>The machine it is for, "linux-x64" or "linux-arm64".</summary>
    public required string Architecture { get; init; }

    /// <summary>The size of the package in bytes.</summary>
    public required long Size { get; init; }

    /// <summary>The SHA-256 of the package, in lower-case hexadecimal digits.</summary>
    public required string Sha256 { get; init; }

    /// <summary>The size of all its files together in bytes, unpacked.</summary>
    public required long UnpackedBytes { get; init; }

    /// <summary>The version of the state folder that the program writes; it reads earlier ones.</summary>
    public required int StateVersion { get; init; }

    /// <summary>The earliest version to which the program takes a state folder back.</summary>
    public required int StateBackTo { get; init; }

    /// <summary>The folder in which it is installed: two packages of one version, made from different commits, do not share one.</summary>
    [JsonIgnore]
    public string FolderName => $"{Version}-{Sha256[..8]}";
}
