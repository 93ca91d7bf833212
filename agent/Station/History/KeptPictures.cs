namespace MrfAd.Station.History;

/// <summary>Finds the pictures of kept parts on disk: those of the results, and the frames of the evidence.</summary>
/// <param name="stateFolder">The station's state folder.</param>
/// <param name="evidenceFolder">The folder of the evidence, which may not exist.</param>
public sealed class KeptPictures(string stateFolder, string evidenceFolder)
{
    public const string Frame = "frame", Heatmap = "heatmap";

    /// <returns>The path and content type of a picture; null where none was kept, or it was deleted for space.</returns>
    /// <param name="kind">"frame" or "heatmap".</param>
    public (string Path, string ContentType)? Find(StoredVerdict verdict, string camera, Guid id, string kind)
    {
        if (verdict.Pictures.FirstOrDefault(p => p.Kind == kind) is { } picture && Path.Combine(stateFolder, "pictures", picture.File) is var path && File.Exists(path))
            return (path, picture.ContentType);
        return kind == Frame ? Evidence(camera, id) : null;
    }

    /// <returns>The kinds of pictures that are there.</returns>
    public IReadOnlyList<string> Kinds(StoredVerdict verdict, string camera, Guid id) => [.. ((string[])[Frame, Heatmap]).Where(kind => Find(verdict, camera, id, kind) is not null)];

    /// <returns>The ids of the verdicts whose frames are kept as evidence, the newest first.</returns>
    public IReadOnlyList<string> EvidenceIds() => !Directory.Exists(evidenceFolder) ? [] :
    [
        .. Directory.EnumerateFiles(evidenceFolder, "*", SearchOption.AllDirectories)
            .Where(file => Path.GetExtension(file) is ".png" or ".jpg")
            .Select(file => Path.GetFileNameWithoutExtension(file)!)
            .Where(name => Guid.TryParseExact(name, "D", out _))
            // The ids sort by time.
            .OrderDescending(StringComparer.Ordinal),
    ];

    private (string Path, string ContentType)? Evidence(string camera, Guid id)
    {
        foreach (var (extension, type) in ((string, string)[])[(".png", "image/png"), (".jpg", "image/jpeg")])
        {
            if (Path.Combine(evidenceFolder, camera, id + extension) is var path && File.Exists(path))
                return (path, type);
        }

        return null;
    }
}
