using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using MrfAd.Platform;
using MrfAd.Station.Results;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Outbox;

/// <content>The start, and what the station says of its outbox.</content>
public sealed partial class StationOutbox
{
    /// <summary>Takes over the folder of an earlier version. It is renamed once all is committed: a start that is killed before that does it again.</summary>
    /// <exception cref="IOException">An agent of that version still uses the folder.</exception>
    private void TakeOver(string folder)
    {
        if (!Directory.Exists(folder))
            return;
        var earlier = new ReleasedOutbox(folder, _files);
        try
        {
            using (UserFiles.Open(Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
                _store.WriteAsync(earlier.Write).GetAwaiter().GetResult();
            Directory.Move(folder, $"{folder}.taken-over-{_clock.GetUtcNow():yyyyMMdd'T'HHmmss'Z'}");
            LogTakenOver(_log, earlier.Verdicts, earlier.DamagedBytes);
        }
        catch (Exception e) when (e is SqliteException || (e is IOException && e.HResult != ResultsStore.InUse))
        {
            LogNotTakenOver(_log, e.Message);
        }
    }

    /// <summary>Begins the trace of an interrupted trigger anew, below the span of its sender: that of the run that was interrupted has not been exported.</summary>
    public PartTrace? BeginTrace(TriggerEntry interrupted)
    {
        return PartTrace.Begin(PartTrace.SenderOf(interrupted.Traceparent), interrupted.Source, interrupted.At, TimestampOf(interrupted.At), _clock);
    }

    /// <returns>The moment of a time of day of an earlier run, whose tick counter is gone, on the clock's tick counter.</returns>
    public long TimestampOf(DateTimeOffset at) => _clock.GetTimestamp() - (long)((_clock.GetUtcNow() - at).TotalSeconds * _clock.TimestampFrequency);

    private void Open()
    {
        try
        {
            _store.Read(connection =>
            {
                foreach (var queue in Kinds)
                    queue.Open(connection);
                return true;
            });
        }
        catch (SqliteException)
        {
            // The store reports its error. Sequence numbers begin anew.
            foreach (var queue in Kinds)
                queue.OpenWithout();
        }
    }

    private void Watch(StationHealth health)
    {
        void OnError(OutboxMessages queue)
        {
            var why = queue.Error;
            health.Set($"outbox {queue.What}", why is null ? null : $"the outbox cannot be written, {queue.What}s are kept in memory: {why}");
            if (why is not null)
                LogUnwritable(_log, queue.What, why);
        }

        void OnRepaired(string loss)
        {
            health.Warn("results", loss);
            LogRepaired(_log, loss);
        }

        _store.ErrorChanged += _ =>
        {
            OnError(Verdicts);
            OnError(Pictures);
            // What is not on disk is sent from memory from now on.
            SignalAll();
        };
        Pictures.ErrorChanged += () => OnError(Pictures);
        _store.Repaired += OnRepaired;
        if (_store.Loss is { } lost)
            OnRepaired(lost);
        if (_store.Error is null)
            return;
        OnError(Verdicts);
        OnError(Pictures);
    }

    [LoggerMessage(611, LogLevel.Information, "From an earlier run: {Verdicts} verdicts, {Parts} verdicts of parts and {Pictures} pictures wait for the broker, {Triggers} triggers have no verdict yet")]
    private static partial void LogFound(ILogger log, int verdicts, int parts, int pictures, int triggers);

    [LoggerMessage(615, LogLevel.Information, "The outbox of an earlier version was taken over: {Verdicts} verdicts; {Bytes} bytes could not be read, of which a torn end was never synced")]
    private static partial void LogTakenOver(ILogger log, int verdicts, long bytes);

    [LoggerMessage(616, LogLevel.Error, "The outbox of an earlier version cannot be taken over, the next start tries it again: {Why}")]
    private static partial void LogNotTakenOver(ILogger log, string why);

    [LoggerMessage(614, LogLevel.Error, "{Loss}")]
    private static partial void LogRepaired(ILogger log, string loss);

    [LoggerMessage(612, LogLevel.Error, "{Count} {What}(s) dropped for good: {Reason}")]
    private static partial void LogDropped(ILogger log, long count, string what, string reason);

    [LoggerMessage(613, LogLevel.Error, "The outbox cannot be written, {What}s are kept in memory: {Why}")]
    private static partial void LogUnwritable(ILogger log, string what, string why);
}
