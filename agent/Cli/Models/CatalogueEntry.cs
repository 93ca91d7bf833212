namespace MrfAd.Cli.Models;

/// <summary>A published model. What the catalogue does not know is null, and not checked.</summary>
public sealed record CatalogueEntry
{
    public required string Name { get; init; }

    public string What { get; init; } = "";

    public required Uri Url { get; init; }

    /// <summary>Of the download.</summary>
    public long? Bytes { get; init; }

    /// <summary>The file inside the download, which is then a .tgz; null: the download is the file.</summary>
    public string? Member { get; init; }

    /// <summary>Of the file, lower-case hex; or its first digits, where the publisher names no more.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Who says so: an address, or a few words.</summary>
    public string? Sha256Source { get; init; }

    public string License { get; init; } = "";

    public string LicenseUrl { get; init; } = "";

    /// <summary>The name of the download.</summary>
    public string Download => Url.Segments[^1];

    /// <summary>The name of the file.</summary>
    public string File => Member is null ? Download : Path.GetFileName(Member);
}
