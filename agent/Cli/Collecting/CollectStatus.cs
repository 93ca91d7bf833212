namespace MrfAd.Cli.Collecting;

/// <summary>The progress of a collection at one moment, as the page shows it.</summary>
/// <param name="Camera">The source, without passwords.</param>
/// <param name="Hint">What makes the camera take a picture.</param>
/// <param name="CanTake">True where the page can ask for a picture.</param>
/// <param name="Taken">The number of good pictures taken.</param>
/// <param name="Wanted">The number of good pictures wanted; null where there is none.</param>
/// <param name="Before">The number of good pictures that were there at the start.</param>
/// <param name="Newest">The newest picture; null where none was taken yet.</param>
/// <param name="Flagged">The last of those that are kept apart, the newest first.</param>
/// <param name="Problem">The reason why no pictures come; null where they do.</param>
public sealed record CollectStatus(
    string Camera, string Folder, string FlaggedFolder, string Hint, bool CanTake, int Taken, int? Wanted, int Before, int FlaggedCount, int Duplicates, NewestPicture? Newest, IReadOnlyList<FlaggedPicture> Flagged, string? Problem);
