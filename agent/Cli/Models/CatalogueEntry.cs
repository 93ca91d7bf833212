namespace MrfAd.Cli.Models;

/// <summary>A published model. A value that the catalogue does not have is null and is not checked.</summary>
public sealed record CatalogueEntry
{
    public required string Name { get; init; }

    public string What { get; init; } = "";

    public required Uri Url { get; init; }

    /// <summary>Size of the download in bytes.</summary>
    public long? Bytes { get; init; }

    /// <summary>Path of the model inside the download, which is then a .tgz; null if the download is the model.</summary>
    public string? Member { get; init; }

    /// <summary>SHA-256 of the file in lower-case hex, or its first digits if the publisher gives no more.</summary>
    public string? Sha256 { get; init; }

    /// <summary>The source of the hash: an address or a few words.</summary>
    public string? Sha256Source { get; init; }

    public string License { get; init; } = "";

    public string LicenseUrl { get; init; } = "";

    /// <summary>The licence's terms in a sentence, where they are more than those of a common open-source licence.</summary>
    public string Terms { get; init; } = "";

    /// <summary>The page on which the publisher gives the file to those who accept its licence; null if anyone can download it.</summary>
    public Uri? Form { get; init; }

    /// <summary>File name of the download.</summary>
    public string Download => Url.Segments[^1];

    /// <summary>File name of the model.</summary>
    public string File => Member is null ? Download : Path.GetFileName(Member);
}
