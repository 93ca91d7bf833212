using Microsoft.Data.Sqlite;
using MrfAd.Contracts;
using MrfAd.Station.History;

namespace MrfAd.Station.Dashboard;

/// <summary>Finds the pictures of verdicts of earlier runs on disk. Each verdict is looked up once, when somebody wants to see it; its files may be deleted for space at any time.</summary>
internal sealed class RestoredPictures(HistoryQuery history, KeptPictures pictures)
{
    /// <returns>A function that finds the pictures of a verdict by their kind.</returns>
    public Func<string, (string Path, string ContentType)?> Of(VerdictMessage verdict)
    {
        StoredVerdict? stored = null;
        return kind => (stored ??= Find(verdict.Id)) is { } found ? pictures.Find(found, verdict.Camera, verdict.Id, kind) : null;
    }

    private StoredVerdict? Find(Guid id)
    {
        try
        {
            return history.Find(id);
        }
        catch (SqliteException)
        {
            // The page shows the verdict without its pictures, and the state says what is wrong with the database.
            return null;
        }
    }
}
