using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Data.Sqlite;

namespace MrfAd.Station.Results;

/// <summary>
/// The station's database, <c>results.db</c> in the state folder. One thread writes: what was queued while it committed goes into its next transaction.
/// Readers have connections of their own and see what was committed. A disk that cannot be written makes the work fail and is tried again with the next; a
/// damaged database is set aside and made anew from what can be read of it.
/// </summary>
public sealed partial class ResultsStore : IDisposable
{
    public const string FileName = "results.db";

    /// <summary>A disk whose write takes longer does not answer. A healthy one syncs within milliseconds, a slow card within a second. It is measured in real time, whatever clock the station has.</summary>
    public static readonly TimeSpan StallLimit = TimeSpan.FromSeconds(2);

    // The note of the committed sequence numbers lags behind them by no more than that, or by the time to the next commit.
    private static readonly TimeSpan NoteInterval = TimeSpan.FromMilliseconds(100);

    // The start waits so long for a disk that does not answer, a stop for the last transaction.
    private static readonly TimeSpan OpenLimit = TimeSpan.FromSeconds(10);

    private readonly string _folder, _path;
    private readonly TimeProvider _clock;
    private readonly BlockingCollection<(Action<SqliteConnection> Work, Action<Exception?> Done)> _queue = [];
    private readonly Thread _writer;
    private SqliteConnection? _connection;
    private long _busySince;

    /// <param name="folder">The state folder, used by this station alone; created if it does not exist.</param>
    /// <exception cref="IOException">Another process uses the folder.</exception>
    public ResultsStore(string folder, TimeProvider clock)
    {
        (_folder, _path, _clock) = (folder, Path.Combine(folder, FileName), clock);
        TryLock();
        _writer = new Thread(WriteAll) { Name = "results", IsBackground = true };
        _writer.Start();
        // An error is told by Error, and the next work tries again.
        Task.WhenAny(WriteAsync(_ => { })).Wait(OpenLimit);
        CheckStall();
    }

    /// <summary>Raised when <see cref="Error"/> changes, with its new value.</summary>
    public event Action<string?>? ErrorChanged;

    /// <summary>Raised after the database was made anew, with one sentence that says why and what was lost.</summary>
    public event Action<string>? Repaired;

    /// <summary>Raised after each commit with its duration.</summary>
    public event Action<TimeSpan>? Committed;

    /// <summary>One sentence that says why the database cannot be written; null while it can.</summary>
    public string? Error { get; private set; }

    /// <summary>One sentence that says what was lost when the database was last made anew; null where nothing was.</summary>
    public string? Loss { get; private set; }

    /// <summary>Deletes what can be spared when the disk is full; returns false where nothing was deleted. Called on the writer's thread; the connection is null where the database cannot be opened.</summary>
    public Func<SqliteConnection?, bool> MakeRoom { get; set; } = _ => false;

    /// <summary>The state folder.</summary>
    public string Folder => _folder;

    /// <summary>The size of the database with its side files, in bytes.</summary>
    public long Bytes => Files().Sum(path => new FileInfo(path) is { Exists: true } file ? file.Length : 0);

    /// <summary>Queues work for the writer. The task completes once the work is committed and on disk, or ends with the error; an error of one work undoes that work alone.</summary>
    /// <param name="work">Changes rows, on the writer's thread and inside its transaction, which it neither ends nor keeps. It may be called again after a failure of the disk.</param>
    public Task WriteAsync(Action<SqliteConnection> work)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Write(work, error =>
        {
            if (error is null)
                done.TrySetResult();
            else
                done.TrySetException(error);
        });
        return done.Task;
    }

    /// <inheritdoc cref="WriteAsync"/>
    /// <param name="done">Called once on the writer's thread, after the commit or with the error; it must be quick and not throw.</param>
    public void Write(Action<SqliteConnection> work, Action<Exception?> done) => _queue.Add((work, done));

    /// <summary>Opens a connection that reads what was committed; dispose of it soon, since it holds back the checkpoint.</summary>
    /// <exception cref="SqliteException">The database cannot be read.</exception>
    public SqliteConnection OpenRead()
    {
        try
        {
            var connection = Open(SqliteOpenMode.ReadOnly, pooled: true);
            if (Error is not null)
                connection.Number("PRAGMA user_version"); // the file is opened with its first page
            return connection;
        }
        catch (SqliteException e) when (e.SqliteErrorCode == CannotOpen && File.Exists(_path) && !File.Exists(_path + "-wal"))
        {
            // On a read-only file system the side file, which even a reader needs, cannot be made; but nothing can change either.
            return Open($"file:{Uri.EscapeDataString(_path).Replace("%2F", "/", StringComparison.Ordinal)}?immutable=1", SqliteOpenMode.ReadOnly, pooled: false);
        }
    }

    /// <summary>Reads with a connection of the pool. Where the database turns out to be damaged it is made anew, and read again.</summary>
    /// <exception cref="SqliteException">The database cannot be read.</exception>
    public T Read<T>(Func<SqliteConnection, T> read)
    {
        try
        {
            return Once();
        }
        catch (SqliteException e) when (IsDamage(e))
        {
            Task.WhenAny(ReportDamage(e.Message)).Wait(OpenLimit);
            return Once();
        }

        T Once()
        {
            using var connection = OpenRead();
            return read(connection);
        }
    }

    /// <summary>Sets the error of a disk that does not answer where the transaction in progress takes too long.</summary>
    public void CheckStall()
    {
        if (Volatile.Read(ref _busySince) is var since and not 0 && Stopwatch.GetElapsedTime(since) >= StallLimit)
            SetError($"the disk does not answer: a write takes longer than {StallLimit.TotalSeconds:0} s");
    }

    public void Dispose()
    {
        _queue.CompleteAdding();
        // Where the disk does not answer, the process ends without it: what was not committed is lost, as with a kill.
        if (!_writer.Join(OpenLimit))
            return;
        Note(running: false);
        // The last connection that closes writes the side file into the database and deletes it.
        Forget();
        Disconnect();
        _lock?.Dispose();
        _queue.Dispose();
    }

    private void WriteAll()
    {
        var noted = 0L;
        foreach (var first in _queue.GetConsumingEnumerable())
        {
            List<(Action<SqliteConnection> Work, Action<Exception?> Done)> batch = [first];
            while (_queue.TryTake(out var next))
                batch.Add(next);
            Volatile.Write(ref _busySince, Stopwatch.GetTimestamp());
            Write(batch);
            Volatile.Write(ref _busySince, 0);
            if (_queue.Count > 0 || Stopwatch.GetElapsedTime(noted) < NoteInterval)
                continue;
            Note(running: true);
            if (Error is null)
                KeepReserve();
            noted = Stopwatch.GetTimestamp();
        }
    }

    /// <summary>Writes a batch; again where room was made or the database was made anew, as long as that helps.</summary>
    private void Write(List<(Action<SqliteConnection> Work, Action<Exception?> Done)> batch)
    {
        while (true)
        {
            try
            {
                Connect();
                var written = Commit(batch);
                SetError(null);
                _hasSideFile = true;
                written.ForEach(done => done(null));
                return;
            }
            catch (Exception e) when (e is IOException or ResultsException || (e is SqliteException s && IsOfTheDisk(s)))
            {
                Abandon(e);
                if ((IsDamage(e) && SetAside(e)) || (IsFull(e) && MakeRoom(_connection)))
                    continue;
                SetError(Explain(e));
                batch.ForEach(item => item.Done(e));
                return;
            }
        }
    }

    /// <returns>The work that was committed; what failed by itself has its error.</returns>
    private List<Action<Exception?>> Commit(List<(Action<SqliteConnection> Work, Action<Exception?> Done)> batch)
    {
        var (written, failed) = (new List<Action<Exception?>>(), new List<(Action<Exception?> Done, Exception Error)>());
        var (start, connection) = (Stopwatch.GetTimestamp(), _connection!);
        connection.Run("BEGIN IMMEDIATE");
        foreach (var (work, done) in batch)
        {
            // A single work that fails needs no savepoint: nothing else is undone with it.
            if (batch.Count > 1)
                connection.Run("SAVEPOINT work");
            try
            {
                work(connection);
                written.Add(done);
            }
            catch (Exception e) when (e is not (ResultsException or IOException) && (e is not SqliteException s || !IsOfTheDisk(s)))
            {
                failed.Add((done, e));
                if (batch.Count > 1)
                    connection.Run("ROLLBACK TO work");
            }

            if (batch.Count > 1)
                connection.Run("RELEASE work");
        }

        connection.Run(batch.Count == failed.Count ? "ROLLBACK" : "COMMIT");
        Committed?.Invoke(Stopwatch.GetElapsedTime(start));
        failed.ForEach(item => item.Done(item.Error));
        return written;
    }

    private void Connect()
    {
        TryLock();
        if (IsUnlinked())
            Rescue();
        _connection ??= OpenWrite();
        Recover();
    }

    private SqliteConnection OpenWrite()
    {
        ExpectFiles();
        var connection = Open(SqliteOpenMode.ReadWriteCreate, pooled: false);
        try
        {
            // The order matters: a new database takes auto_vacuum only before its first page, and another program's file is left as it is.
            ResultsSchema.Migrate(connection);
            connection.Run("PRAGMA journal_mode = WAL");
            connection.Run("PRAGMA synchronous = FULL");
            CompareNote(connection);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private void Disconnect()
    {
        _connection?.Dispose();
        _connection = null;
    }

    private SqliteConnection Open(SqliteOpenMode mode, bool pooled) => Open(_path, mode, pooled);

    private static SqliteConnection Open(string path, SqliteOpenMode mode, bool pooled)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = pooled, DefaultTimeout = 1 }.ToString());
        connection.Open();
        return connection;
    }

    private void SetError(string? why)
    {
        if (Error == why)
            return;
        Error = why;
        ErrorChanged?.Invoke(why);
    }

    private IEnumerable<string> Files() => ((string[])["", "-wal", "-shm"]).Select(suffix => _path + suffix);
}
