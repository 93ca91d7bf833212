using Microsoft.Data.Sqlite;
using MrfAd.Platform;

namespace MrfAd.Station.Results;

/// <summary>The version of a state folder: that of the tables in its <c>results.db</c>.</summary>
public static class StateVersion
{
    /// <summary>Takes the folder of a station that does not run back to an earlier version; one that is as early, or empty, stays as it is.</summary>
    /// <exception cref="ResultsException">No way leads back so far; the text says why.</exception>
    /// <exception cref="IOException">A station uses the folder, or the disk fails.</exception>
    public static void TakeBack(string folder, int version)
    {
        var path = Path.Combine(folder, ResultsStore.FileName);
        if (!File.Exists(path))
            return;
        using var held = UserFiles.Open(Path.Combine(folder, ResultsStore.LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        try
        {
            using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWrite, Pooling = false }.ToString());
            connection.Open();
            connection.Run("PRAGMA synchronous = FULL");
            ResultsSchema.MigrateBack(connection, version);
        }
        catch (SqliteException e)
        {
            throw new IOException($"{path}: {e.Message}", e);
        }
    }
}
