using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using MrfAd.Platform;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Outbox;

/// <summary>
/// Stores verdicts and pictures until the broker has acknowledged them: a journal and a sender for each of the two. Messages that are not acknowledged
/// when the process ends are sent in the next run, with the same ids.
/// </summary>
public sealed partial class StationOutbox : IDisposable
{
    // An acknowledgement takes a round trip of the network: 16 in flight are 2,000 verdicts a second at 8 ms.
    private const int VerdictsInFlight = 16;

    // Messages that were added and are not on disk yet; whoever adds more waits for the slow disk.
    private const int MaxVerdictsUnwritten = 1000, MaxPicturesUnwritten = 8;

    // Messages kept while the disk is full: some 15 MB of verdicts; a picture is a megabyte or so.
    private const int MaxVerdictsInMemory = 10_000, MaxPicturesInMemory = 64;

    // A full disk is tried again at this interval.
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly TimeProvider _clock;
    private readonly FileStream _lock;
    private readonly BrokerConnection _broker;
    private readonly OutboxSender _verdictSender, _pictureSender;

    /// <param name="folder">The folder of the outbox, used by this station alone; created if it does not exist.</param>
    /// <param name="write">Makes the MQTT message from headers and payload; the flag is true where the message is historical.</param>
    /// <exception cref="IOException">The folder cannot be read, or another process uses it.</exception>
    public StationOutbox(
        string folder, OutboxOptions options, Func<MessageHeaders, ReadOnlyMemory<byte>, bool, MqttMessage> write, BrokerConnection broker,
        StationHealth health, MrfAdMeter meter, TimeProvider clock, ILogger<StationOutbox> log)
    {
        (_broker, _clock) = (broker, clock);
        _lock = AcquireLock(folder);
        Pictures = Open(new("picture", options.PicturesMb * 1_000_000L, options.MaxAge, false, options.TriggerMemory, MaxPicturesInMemory), () => Pictures!.DropOldest("disk_full"));
        Verdicts = Open(new("verdict", options.VerdictsMb * 1_000_000L, options.MaxAge, true, options.TriggerMemory, MaxVerdictsInMemory), MakeRoomForVerdicts);
        Pictures.Open();
        Interrupted = Verdicts.Open();
        if (Verdicts.Waiting + Pictures.Waiting + Interrupted.Count > 0)
            LogFound(log, Verdicts.Waiting, Pictures.Waiting, Interrupted.Count);

        if (Verdicts.DamagedBytes + Pictures.DamagedBytes > 0)
            LogDamaged(log, Verdicts.DamagedBytes, Pictures.DamagedBytes);

        _verdictSender = new(Verdicts, write, _ => true, VerdictsInFlight, broker, meter, clock, log);
        _pictureSender = new(Pictures, write, IsVerdictSent, 1, broker, meter, clock, log);
        _verdictSender.Sent += message =>
        {
            _pictureSender.Signal();
            Write();
            VerdictSent?.Invoke(message);
        };
        _pictureSender.Sent += _ => Write();

        Journal Open(JournalOptions journalOptions, Func<bool> makeRoom)
        {
            var journal = new Journal(new SegmentLog(new DiskFolder(Path.Combine(folder, $"{journalOptions.What}s")), journalOptions.SegmentBytes), journalOptions, makeRoom, clock);
            journal.Dropped += (count, reason) =>
            {
                meter.OutboxDropped(journalOptions.What, reason, count);
                LogDropped(log, count, journalOptions.What, reason);
            };
            journal.ErrorChanged += why =>
            {
                health.Set($"outbox {journalOptions.What}", why is null ? null : $"the outbox cannot be written, {journalOptions.What}s are kept in memory: {why}");
                if (why is not null)
                    LogUnwritable(log, journalOptions.What, why);
            };
            journal.Synced += meter.OutboxSynced;
            meter.WatchOutbox(journalOptions.What, () => journal.Waiting, () => journal.Bytes);
            return journal;
        }
    }

    /// <summary>Raised when the broker has acknowledged a verdict.</summary>
    public event Action<OutboxMessage>? VerdictSent;

    public Journal Verdicts { get; }

    public Journal Pictures { get; }

    /// <summary>The triggers of an earlier run that ended before they had a verdict; each still needs one.</summary>
    public IReadOnlyList<TriggerEntry> Interrupted { get; }

    /// <summary>Adds a message, to be written at once and sent once it is on disk, or the disk has refused it.</summary>
    public OutboxMessage AddVerdict(MessageHeaders headers, ReadOnlySpan<byte> content)
    {
        var message = Verdicts.Add(headers, content, historical: !_broker.IsConnected);
        Write(Verdicts, MaxVerdictsUnwritten);
        return message;
    }

    /// <inheritdoc cref="AddVerdict"/>
    /// <param name="verdict">The verdict that the picture belongs to, which is sent first.</param>
    public void AddPicture(MessageHeaders headers, OutboxMessage verdict, ReadOnlySpan<byte> content)
    {
        Pictures.Add(headers with { Follows = verdict.Number }, content, historical: !_broker.IsConnected);
        Write(Pictures, MaxPicturesUnwritten);
    }

    /// <summary>Queues stored verdicts to be sent once more, as historical, when nothing else waits.</summary>
    /// <returns>False where too many wait for that already.</returns>
    public bool Resend(IReadOnlyCollection<OutboxMessage> verdicts) => _verdictSender.Resend(verdicts);

    /// <summary>Announces that no more messages will be added: <see cref="RunAsync"/> then ends when all are sent.</summary>
    public void Complete()
    {
        _verdictSender.Complete();
        _pictureSender.Complete();
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task[] sending = [_verdictSender.RunAsync(end.Token), _pictureSender.RunAsync(end.Token)];
        try
        {
            await foreach (var ended in Task.WhenEach([.. sending, WriteAsync(end.Token), RetryAsync(end.Token)]))
            {
                await ended;
                if (Array.TrueForAll(sending, s => s.IsCompletedSuccessfully))
                    return;
            }
        }
        finally
        {
            await end.CancelAsync();
        }
    }

    public void Dispose()
    {
        Verdicts.Dispose();
        Pictures.Dispose();
        _lock.Dispose();
    }

    private void Write(Journal journal, int maxUnwritten)
    {
        if (journal.Unwritten > maxUnwritten)
            journal.Flush();
        Write();
    }

    private void Write() => _changes.Writer.TryWrite(true);

    /// <summary>Writes what has been added since the last time, with one sync for all of it.</summary>
    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await _changes.Reader.ReadAsync(cancellationToken);
            Verdicts.Flush();
            _verdictSender.Signal();
            Pictures.Flush();
            _pictureSender.Signal();
        }
    }

    /// <summary>Flushes at an interval, because a disk that was full may have room again, and messages grow old.</summary>
    private async Task RetryAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(RetryDelay, _clock);
        while (await timer.WaitForNextTickAsync(cancellationToken))
            Write();
    }

    /// <summary>Deletes the oldest pictures first, then verdicts that the broker has. Verdicts that it does not have stay.</summary>
    private bool MakeRoomForVerdicts() => Pictures.DropOldest("disk_full") || Verdicts.DropOldestSent();

    private bool IsVerdictSent(OutboxMessage picture) => _verdictSender.IsSettled(picture.Headers.Follows);

    private static FileStream AcquireLock(string folder)
    {
        UserFiles.CreateFolder(folder);
        try
        {
            return UserFiles.Open(Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new IOException($"the outbox '{folder}' is in use by another process, or cannot be locked: {e.Message}", e);
        }
    }

    [LoggerMessage(611, LogLevel.Information, "From an earlier run: {Verdicts} verdicts and {Pictures} pictures wait for the broker, {Triggers} triggers have no verdict yet")]
    private static partial void LogFound(ILogger log, int verdicts, int pictures, int triggers);

    [LoggerMessage(614, LogLevel.Warning, "{Verdicts} bytes of the verdicts' journal and {Pictures} of the pictures' could not be read and were skipped; a torn end was never synced")]
    private static partial void LogDamaged(ILogger log, long verdicts, long pictures);

    [LoggerMessage(612, LogLevel.Error, "{Count} {What}(s) dropped for good: {Reason}")]
    private static partial void LogDropped(ILogger log, long count, string what, string reason);

    [LoggerMessage(613, LogLevel.Error, "The outbox cannot be written, {What}s are kept in memory: {Why}")]
    private static partial void LogUnwritable(ILogger log, string what, string why);
}
