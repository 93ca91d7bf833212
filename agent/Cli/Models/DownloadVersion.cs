namespace MrfAd.Cli.Models;

/// <summary>Which version of a file a server gives.</summary>
/// <param name="Tag">Its strong ETag, or the time of its last change; null: the server names neither, and a part of it cannot be gone on with.</param>
/// <param name="Length">Null: not told.</param>
internal sealed record DownloadVersion(Uri Url, string? Tag, long? Length);
