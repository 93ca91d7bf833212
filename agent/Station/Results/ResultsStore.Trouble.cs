using System.Globalization;
using System.Text;
using Microsoft.Data.Sqlite;
using MrfAd.Platform;

namespace MrfAd.Station.Results;

/// <content>A disk that cannot be written, and a database that is damaged.</content>
public sealed partial class ResultsStore
{
    // SQLite's result codes.
    private const int Busy = 5, ReadOnly = 8, Io = 10, Corrupt = 11, Full = 13, CannotOpen = 14, NotADatabase = 26;

    // A disk that damages the database again and again must not fill with the damaged ones.
    private static readonly TimeSpan RepairInterval = TimeSpan.FromHours(1);

    private bool _endedAtKill;
    private bool _hasSideFile;
    private long? _repairedAt;
    private (string Path, string Why)? _toRecover;

    /// <summary>Reports that a reader has found the database damaged; the task completes once it was made anew.</summary>
    public Task ReportDamage(string why) => WriteAsync(_ =>
    {
        // What a reader saw may have been repaired meanwhile; the writer itself may still have the page in memory.
        using var connection = Open(SqliteOpenMode.ReadOnly, pooled: false);
        if (connection.Read("PRAGMA quick_check(1)", row => row.GetString(0)) is not ["ok"])
            throw new ResultsException($"{FileName} is damaged: {why}");
    });

    /// <summary>The search for damage that was begun last.</summary>
    public Task Checking { get; private set; } = Task.CompletedTask;

    /// <summary>Searches the whole database for damage and has it made anew where there is some. It reads every page; to be called once after the start.</summary>
    public Task CheckAsync() => Checking = Task.Run(async () =>
    {
        try
        {
            using var connection = OpenRead();
            var first = connection.Read("PRAGMA integrity_check(1)", row => row.GetString(0))[0];
            var changed = first != "ok" ? 0 : connection.Read("SELECT message, checksum FROM verdicts WHERE checksum IS NOT NULL", row => VerdictWriter.Checksum(Encoding.UTF8.GetBytes(row.GetString(0))) != row.GetInt64(1)).Count(isChanged => isChanged);
            if (first != "ok" || changed > 0)
                await WriteAsync(_ => throw new ResultsException(first != "ok" ? $"{FileName} is damaged: {first}" : $"{FileName} is damaged: {changed} verdicts do not fit their checksums"));
        }
        catch (SqliteException e) when (IsDamage(e))
        {
            await ReportDamage(e.Message);
        }
    });

    private static bool IsOfTheDisk(SqliteException e) => e.SqliteErrorCode is 3 or Busy or 6 or 7 or ReadOnly or Io or Corrupt or Full or CannotOpen or 15 or 23 or NotADatabase;

    private static bool IsDamage(Exception e) => e is ResultsException || (e is SqliteException { SqliteErrorCode: Corrupt or NotADatabase });

    private bool IsFull(Exception e) => e is SqliteException { SqliteErrorCode: Full } || (!IsDamage(e) && DiskFaults.IsFull(_folder));

    private string Explain(Exception e) => e switch
    {
        SqliteException { SqliteErrorCode: Full } => "No space left on device",
        SqliteException { SqliteErrorCode: ReadOnly or Io or CannotOpen } when DiskFaults.Try(_folder) is { } fault => $"{FileName}: {fault}",
        SqliteException { SqliteErrorCode: ReadOnly } => $"{FileName} is read-only",
        SqliteException { SqliteErrorCode: Busy } => $"another process holds {FileName}",
        SqliteException { SqliteErrorCode: CannotOpen } => $"{FileName} cannot be opened",
        _ => e.Message,
    };

    /// <summary>Ends a failed transaction, on the writer's thread.</summary>
    public void Rollback()
    {
        try
        {
            _connection?.Run("ROLLBACK");
        }
        catch (SqliteException)
        {
            // SQLite has rolled it back already.
        }
    }

    /// <summary>Ends a failed transaction. After any failure but a full disk the file is opened anew, since its connection may know less than the file.</summary>
    private void Abandon(Exception e)
    {
        Rollback();
        if (IsFull(e) || IsUnlinked())
            return;
        Disconnect();
        // A reader that was opened while the disk was read-only would make the next writer read-only too.
        Forget();
    }

    /// <summary>Compares the sequence numbers of the database with those that were committed, and goes on behind the greater ones.</summary>
    private void CompareNote(SqliteConnection connection)
    {
        var stored = connection.Read(LastSequences, row => (Camera: row.GetString(0), Seq: row.GetInt64(1))).ToDictionary(s => s.Camera, s => s.Seq, StringComparer.Ordinal);
        var missing = _sequences.Sum(s => Math.Max(0, s.Value - stored.GetValueOrDefault(s.Key)));
        if (missing == 0)
            return;
        foreach (var (camera, seq) in _sequences)
            connection.Run("INSERT INTO sequences VALUES ($1, $2) ON CONFLICT DO UPDATE SET seq = max(seq, excluded.seq)", camera, seq);
        if (_toRecover is null)
            Lose($"{FileName} lacks what was committed last: {missing} triggers or verdicts are lost by their sequence numbers");
    }

    /// <exception cref="ResultsException">A file that must be there is missing or empty.</exception>
    private void ExpectFiles()
    {
        var (file, side) = (new FileInfo(_path), new FileInfo(_path + "-wal"));
        if (file is { Exists: true, Length: 0 })
            throw new ResultsException($"{FileName} is empty");
        if (!file.Exists && _toRecover is null && (side.Exists || File.Exists(Reserve)))
            throw new ResultsException($"{FileName} is missing");
        if (_endedAtKill && file.Exists && side is not { Exists: true, Length: > 0 })
            Lose($"{FileName}-wal is missing or empty after the last run was killed: what was committed since its last checkpoint is lost");
        _endedAtKill = false;
    }

    /// <summary>Returns true where somebody has deleted the database, or its side file, which is still open.</summary>
    private bool IsUnlinked() => _connection is not null && (!File.Exists(_path) || (_hasSideFile && !File.Exists(_path + "-wal")));

    /// <summary>Writes the open database, whose file was deleted, to a new file.</summary>
    private void Rescue()
    {
        var copy = _path + ".copy";
        UserFiles.CreateFolder(_folder);
        UserFiles.Delete(copy);
        using (var to = Open(copy, SqliteOpenMode.ReadWriteCreate, pooled: false))
            _connection!.BackupDatabase(to);
        Disconnect();
        Forget();
        foreach (var file in Files())
            UserFiles.Delete(file);
        UserFiles.Move(copy, _path);
        Lose($"{FileName} was deleted while the station ran: it was written anew, nothing is lost");
    }

    /// <summary>Sets the damaged files aside, together and under a name that says so.</summary>
    /// <returns>False where that was done a short while ago, or cannot be done.</returns>
    private bool SetAside(Exception why)
    {
        if (_repairedAt is { } at && _clock.GetElapsedTime(at) < RepairInterval)
            return false;
        _repairedAt = _clock.GetTimestamp();
        Disconnect();
        Forget();
        var name = $"{_path}.damaged-{_clock.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture)}";
        try
        {
            foreach (var file in Files().Where(File.Exists))
                UserFiles.Move(file, name + file[_path.Length..]);
            ReleaseReserve();
            _toRecover = (name, why is SqliteException ? $"{FileName} is damaged: {why.Message}" : why.Message);
            return true;
        }
        catch (IOException)
        {
            // The error that is shown is the damage.
            return false;
        }
    }

    /// <summary>Copies what can be read of a database that was set aside.</summary>
    private void Recover()
    {
        if (_toRecover is not { } damaged)
            return;
        var found = ResultsRecovery.Copy(damaged.Path, _connection!);
        _toRecover = null;
        Lose($"{damaged.Why}; it is set aside as {Path.GetFileName(damaged.Path)}, {found}");
    }

    private void Forget()
    {
        _hasSideFile = false;
        using var pool = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = _path, Mode = SqliteOpenMode.ReadOnly, Pooling = true, DefaultTimeout = 1 }.ToString());
        SqliteConnection.ClearPool(pool);
    }

    private void Lose(string what)
    {
        Loss = Loss is null ? what : $"{Loss}; {what}";
        Repaired?.Invoke(what);
    }
}
