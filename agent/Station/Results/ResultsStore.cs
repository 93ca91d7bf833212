using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using MrfAd.Platform;

namespace MrfAd.Station.Results;

/// <summary>
/// The station's database, <c>results.db</c> in the state folder. One thread writes: what was queued while it committed goes into its next transaction.
/// Readers have connections of their own and see what was committed.
/// </summary>
public sealed class ResultsStore : IDisposable
{
    private readonly string _path;
    private readonly BlockingCollection<(Action<SqliteConnection> Work, TaskCompletionSource Done)> _queue = [];
    private readonly SqliteConnection _connection;
    private readonly Thread _writer;

    /// <param name="folder">The state folder, used by this station alone; created if it does not exist.</param>
    public ResultsStore(string folder)
    {
        UserFiles.CreateFolder(folder);
        _path = Path.Combine(folder, "results.db");
        _connection = Open(SqliteOpenMode.ReadWriteCreate, pooled: false);
        Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
        ResultsSchema.Migrate(_connection);
        _writer = new Thread(WriteAll) { Name = "results", IsBackground = true };
        _writer.Start();
    }

    /// <summary>Queues work for the writer. The task completes once the work is committed and on disk, or ends with the error; an error of one work undoes that work alone.</summary>
    /// <param name="work">Changes rows, on the writer's thread and inside its transaction, which it neither ends nor keeps. It may be called again after a failure of the disk.</param>
    public Task WriteAsync(Action<SqliteConnection> work)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _queue.Add((work, done));
        return done.Task;
    }

    /// <summary>Opens a connection that reads what was committed; dispose of it soon, since it holds back the checkpoint.</summary>
    /// <exception cref="SqliteException">The database cannot be read.</exception>
    public SqliteConnection OpenRead() => Open(SqliteOpenMode.ReadOnly, pooled: true);

    public void Dispose()
    {
        _queue.CompleteAdding();
        _writer.Join();
        _connection.Dispose();
        _queue.Dispose();
    }

    private void WriteAll()
    {
        foreach (var first in _queue.GetConsumingEnumerable())
        {
            List<(Action<SqliteConnection> Work, TaskCompletionSource Done)> batch = [first];
            while (_queue.TryTake(out var next))
                batch.Add(next);
            Write(batch);
        }
    }

    private void Write(List<(Action<SqliteConnection> Work, TaskCompletionSource Done)> batch)
    {
        var written = new List<TaskCompletionSource>();
        try
        {
            Execute("BEGIN IMMEDIATE");
            foreach (var (work, done) in batch)
            {
                Execute("SAVEPOINT work");
                try
                {
                    work(_connection);
                    written.Add(done);
                }
                catch (Exception e)
                {
                    Execute("ROLLBACK TO work");
                    done.TrySetException(e);
                }

                Execute("RELEASE work");
            }

            Execute("COMMIT");
            written.ForEach(done => done.TrySetResult());
        }
        catch (SqliteException e)
        {
            batch.ForEach(item => item.Done.TrySetException(e));
        }
    }

    private SqliteConnection Open(SqliteOpenMode mode, bool pooled)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = _path, Mode = mode, Pooling = pooled, DefaultTimeout = 2 }.ToString());
        connection.Open();
        return connection;
    }

    private void Execute(string statement)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = statement;
        command.ExecuteNonQuery();
    }
}
