using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using MrfAd.Platform;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Outbox;

/// <summary>
/// Everything between a verdict and the broker's acknowledgement: two journals, verdicts and pictures, and their senders. What was added and not
/// acknowledged when the process ended is sent in the next run, with the same ids.
/// </summary>
public sealed partial class StationOutbox : IDisposable
{
    // The broker's answer takes a network's round trip: 16 at once are 2,000 verdicts a second at 8 ms.
    private const int VerdictsAtOnce = 16;

    // Added and not yet on disk: who adds more waits for a disk that is too slow.
    private const int VerdictsAhead = 1000, PicturesAhead = 8;

    // While the disk is full: some 15 MB of verdicts; pictures are a megabyte or so.
    private const int VerdictsInMemory = 10_000, PicturesInMemory = 64;

    // A disk that is full is tried this often.
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly TimeProvider _clock;
    private readonly FileStream _lock;
    private readonly BrokerConnection _broker;
    private readonly OutboxSender _verdictSender, _pictureSender;

    /// <param name="folder">Of this station alone; made if absent.</param>
    /// <param name="write">Makes a letter's message; the flag says that it does not go out when it is new.</param>
    /// <exception cref="IOException">The folder cannot be read, or another process uses it.</exception>
    public StationOutbox(
        string folder, OutboxOptions options, Func<Label, ReadOnlyMemory<byte>, bool, MqttMessage> write, BrokerConnection broker,
        StationHealth health, MrfAdMeter meter, TimeProvider clock, ILogger<StationOutbox> log)
    {
        (_broker, _clock) = (broker, clock);
        _lock = Take(folder);
        Pictures = Open(new("picture", options.PicturesMb * 1_000_000L, options.MaxAge, false, options.TriggerMemory, PicturesInMemory), () => Pictures!.DropOldest("disk_full"));
        Verdicts = Open(new("verdict", options.VerdictsMb * 1_000_000L, options.MaxAge, true, options.TriggerMemory, VerdictsInMemory), MakeRoomForVerdicts);
        Pictures.Open();
        Interrupted = Verdicts.Open();
        if (Verdicts.Waiting + Pictures.Waiting + Interrupted.Count > 0)
            LogFound(log, Verdicts.Waiting, Pictures.Waiting, Interrupted.Count);

        if (Verdicts.DamagedBytes + Pictures.DamagedBytes > 0)
            LogDamaged(log, Verdicts.DamagedBytes, Pictures.DamagedBytes);

        _verdictSender = new(Verdicts, write, _ => true, VerdictsAtOnce, broker, meter, clock, log);
        _pictureSender = new(Pictures, write, HasGone, 1, broker, meter, clock, log);
        _verdictSender.Gone += letter =>
        {
            _pictureSender.Wake();
            Write();
            VerdictSent?.Invoke(letter);
        };
        _pictureSender.Gone += _ => Write();

        Journal Open(JournalOptions of, Func<bool> makeRoom)
        {
            var journal = new Journal(new SegmentLog(new DiskFolder(Path.Combine(folder, $"{of.What}s")), of.SegmentBytes), of, makeRoom, clock);
            journal.Dropped += (count, reason) =>
            {
                meter.OutboxDropped(of.What, reason, count);
                LogDropped(log, count, of.What, reason);
            };
            journal.TroubleChanged += why =>
            {
                health.Set($"outbox {of.What}", why is null ? null : $"the outbox cannot be written, {of.What}s are kept in memory: {why}");
                if (why is not null)
                    LogTrouble(log, of.What, why);
            };
            journal.Synced += meter.OutboxSynced;
            meter.WatchOutbox(of.What, () => journal.Waiting, () => journal.Bytes);
            return journal;
        }
    }

    /// <summary>The broker has acknowledged a verdict.</summary>
    public event Action<Letter>? VerdictSent;

    public Journal Verdicts { get; }

    public Journal Pictures { get; }

    /// <summary>Triggers of an earlier run that ended before their verdict: each is owed one.</summary>
    public IReadOnlyList<TriggerEntry> Interrupted { get; }

    /// <summary>It is written at once, and sent when it is on disk, or cannot be.</summary>
    public Letter AddVerdict(Label label, ReadOnlySpan<byte> content)
    {
        var letter = Verdicts.Add(label, content, late: !_broker.IsConnected);
        Write(Verdicts, VerdictsAhead);
        return letter;
    }

    /// <inheritdoc cref="AddVerdict"/>
    /// <param name="verdict">It goes first.</param>
    public void AddPicture(Label label, Letter verdict, ReadOnlySpan<byte> content)
    {
        Pictures.Add(label with { Follows = verdict.Number }, content, late: !_broker.IsConnected);
        Write(Pictures, PicturesAhead);
    }

    /// <summary>Sends stored verdicts once more, when nothing else waits.</summary>
    /// <returns>False where too many wait for that already.</returns>
    public bool SendAgain(IReadOnlyCollection<Letter> verdicts) => _verdictSender.SendAgain(verdicts);

    /// <summary>No more will come; <see cref="RunAsync"/> ends when all is sent.</summary>
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

    private void Write(Journal journal, int ahead)
    {
        if (journal.Unwritten > ahead)
            journal.Flush();
        Write();
    }

    private void Write() => _news.Writer.TryWrite(true);

    /// <summary>One sync for all that has come since the last one.</summary>
    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await _news.Reader.ReadAsync(cancellationToken);
            Verdicts.Flush();
            _verdictSender.Wake();
            Pictures.Flush();
            _pictureSender.Wake();
        }
    }

    /// <summary>A disk that was full may have room, and letters grow old.</summary>
    private async Task RetryAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(RetryDelay, _clock);
        while (await timer.WaitForNextTickAsync(cancellationToken))
            Write();
    }

    /// <summary>Oldest pictures first, then verdicts that the broker has. What it does not have stays.</summary>
    private bool MakeRoomForVerdicts() => Pictures.DropOldest("disk_full") || Verdicts.DropOldestSent();

    private bool HasGone(Letter picture) => !Verdicts.IsWaiting(picture.Label.Follows);

    private static FileStream Take(string folder)
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

    [LoggerMessage(611, LogLevel.Information, "From an earlier run: {Verdicts} verdicts and {Pictures} pictures wait for the broker, {Triggers} triggers are owed a verdict")]
    private static partial void LogFound(ILogger log, int verdicts, int pictures, int triggers);

    [LoggerMessage(614, LogLevel.Warning, "{Verdicts} bytes of the verdicts' journal and {Pictures} of the pictures' could not be read and were skipped; a torn end was never synced")]
    private static partial void LogDamaged(ILogger log, long verdicts, long pictures);

    [LoggerMessage(612, LogLevel.Error, "{Count} {What}(s) dropped for good: {Reason}")]
    private static partial void LogDropped(ILogger log, long count, string what, string reason);

    [LoggerMessage(613, LogLevel.Error, "The outbox cannot be written, {What}s are kept in memory: {Why}")]
    private static partial void LogTrouble(ILogger log, string what, string why);
}
