namespace MrfAd.Cli.Models;

/// <summary>The version of a file on a server.</summary>
/// <param name="Tag">The strong ETag, or the time of the last change; null if the server gives neither, and then a partial download cannot be resumed.</param>
/// <param name="Length">Size in bytes; null if the server does not give it.</param>
internal sealed record DownloadVersion(Uri Url, string? Tag, long? Length);
