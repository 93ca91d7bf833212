using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using MrfAd.Platform;

namespace MrfAd.Station.Results;

/// <content>The small files beside the database: the lock with its note, and the reserve.</content>
public sealed partial class ResultsStore
{
    /// <summary>The code of an <see cref="IOException"/> where another process has locked a file: EAGAIN.</summary>
    public const int InUse = 11;

    /// <summary>The file that the process which uses the folder has locked.</summary>
    internal const string LockName = "results.lock";

    // Deleting a few hundred verdicts from a full disk writes so much to the side file first.
    private const long ReserveBytes = 4 * 1024 * 1024;

    private const string LastSequences = "SELECT camera, max(seq) FROM (SELECT camera, seq FROM sequences UNION ALL SELECT camera, seq FROM pending_triggers) GROUP BY camera";

    private readonly Dictionary<string, long> _sequences = new(StringComparer.Ordinal);
    private FileStream? _lock;
    private string? _note;

    private string Reserve => Path.Combine(_folder, "results.reserve");

    /// <summary>Deletes the reserve file, which leaves room to delete rows.</summary>
    /// <returns>False where there is none.</returns>
    public bool ReleaseReserve()
    {
        if (!File.Exists(Reserve))
            return false;
        UserFiles.Delete(Reserve);
        return true;
    }

    /// <exception cref="IOException">Another process uses the folder.</exception>
    private void TryLock()
    {
        if (_lock is not null)
            return;
        try
        {
            UserFiles.CreateFolder(_folder);
            _lock = UserFiles.Open(Path.Combine(_folder, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
            ReadLock();
        }
        catch (IOException e) when (_lock is null && e.HResult == InUse)
        {
            throw new IOException($"'{_folder}' is in use by another process: {e.Message}", e);
        }
        catch (IOException)
        {
            // The folder cannot be written, and so no other process can.
        }
    }

    /// <summary>Reads what the last run noted: whether it ended in order, and the sequence numbers that it had committed.</summary>
    private void ReadLock()
    {
        try
        {
            var bytes = new byte[_lock!.Length];
            _lock.ReadExactly(bytes);
            if (bytes.Length == 0)
                return;
            var noted = JsonNode.Parse(bytes)!;
            _endedAtKill = (bool)noted["running"]!;
            foreach (var (camera, seq) in noted["seqs"]!.AsObject())
                _sequences[camera] = (long)seq!;
        }
        catch (Exception e) when (e is IOException or JsonException or InvalidOperationException or NullReferenceException)
        {
            // A note that is damaged is none.
        }
    }

    /// <summary>Notes the committed sequence numbers beside the database, by which the next start sees that commits are missing. It is not synced: a power loss may take it back.</summary>
    private void Note(bool running)
    {
        try
        {
            if (_connection is not null)
                _connection.Read(LastSequences, row => _sequences[row.GetString(0)] = row.GetInt64(1));
            var note = new JsonObject { ["running"] = running, ["seqs"] = new JsonObject(_sequences.Select(s => new KeyValuePair<string, JsonNode?>(s.Key, s.Value))) }.ToJsonString();
            if (note == _note || _lock is null)
                return;
            _note = note;
            // Spaces over what was longer before: one write, which a kill does not divide.
            RandomAccess.Write(_lock.SafeFileHandle, Encoding.UTF8.GetBytes(note.PadRight((int)_lock.Length)), 0);
        }
        catch (Exception e) when (e is IOException or SqliteException)
        {
            // The database itself is written; the note follows with the next commit.
        }
    }

    private void KeepReserve()
    {
        if (_connection is null || File.Exists(Reserve))
            return;
        try
        {
            using var file = UserFiles.Open(Reserve, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, PreallocationSize = ReserveBytes });
        }
        catch (IOException)
        {
            // There is no room for it yet; .NET deletes the file that it could not fill.
        }
    }
}
