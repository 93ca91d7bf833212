using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Outbox;

/// <summary>
/// Sends the letters of one journal in their order. Some are on their way at once; each counts as sent when it and all before it are acknowledged. When
/// one gets lost, it and all behind it are sent again.
/// </summary>
/// <param name="write">Makes the message; the flag says that it does not go out when it is new.</param>
/// <param name="mayGo">Whether what it follows has gone.</param>
/// <param name="window">On their way at once.</param>
public sealed partial class OutboxSender(
    Journal journal, Func<Label, ReadOnlyMemory<byte>, bool, MqttMessage> write, Func<Letter, bool> mayGo, int window,
    BrokerConnection broker, MrfAdMeter meter, TimeProvider clock, ILogger log)
{
    // After a failure; a lost connection is waited for besides.
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(200);

    // A reject gate is some seconds down the line at most.
    private static readonly TimeSpan NewFor = TimeSpan.FromSeconds(1);

    // Whoever asks for more than this at once may ask again later.
    private const int MostAgain = 10_000;

    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Queue<(Letter Letter, Task Sent)> _flying = new();
    private readonly ConcurrentQueue<Letter> _again = new();
    private volatile bool _complete;

    /// <summary>Raised when a letter has gone.</summary>
    public event Action<Letter>? Gone;

    /// <summary>There may be something to do.</summary>
    public void Wake() => _news.Writer.TryWrite(true);

    /// <summary>Sends letters once more, in idle moments, as historical.</summary>
    /// <returns>False where too many wait for that already.</returns>
    public bool SendAgain(IReadOnlyCollection<Letter> letters)
    {
        if (_again.Count + letters.Count > MostAgain)
            return false;
        foreach (var letter in letters)
            _again.Enqueue(letter);
        Wake();
        return true;
    }

    /// <summary>No more will come; <see cref="RunAsync"/> ends when all is sent.</summary>
    public void Complete()
    {
        _complete = true;
        Wake();
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await broker.WaitAsync(cancellationToken);
            SendOff(cancellationToken);
            if (_flying.Count > 0)
                await SettleAsync(cancellationToken);
            else if (_again.TryPeek(out var letter))
                await RepeatAsync(letter, cancellationToken);
            else if (_complete && journal.Waiting == 0)
                return;
            else
                await _news.Reader.ReadAsync(cancellationToken);
        }
    }

    private void SendOff(CancellationToken cancellationToken)
    {
        var last = _flying.Count > 0 ? _flying.Last().Letter.Number : 0;
        while (_flying.Count < window && journal.Next(last) is { } letter && mayGo(letter))
        {
            letter.Late |= clock.GetElapsedTime(letter.AddedAt) > NewFor;
            _flying.Enqueue((letter, SendAsync(letter, letter.Late, cancellationToken)));
            last = letter.Number;
        }
    }

    private async Task SettleAsync(CancellationToken cancellationToken)
    {
        var (letter, sent) = _flying.Peek();
        try
        {
            await sent;
            journal.Acknowledge(letter);
            _flying.Dequeue();
            Gone?.Invoke(letter);
        }
        catch (MqttLinkException e)
        {
            Tell(e);
            if (e.Failure == MqttFailure.Refused)
            {
                journal.Refused(letter);
                _flying.Dequeue();
                return;
            }

            foreach (var (behind, _) in _flying)
                behind.Late = true;
            await Task.WhenAll(_flying.Select(f => f.Sent)).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _flying.Clear();
            await Task.Delay(RetryDelay, clock, cancellationToken);
        }
    }

    private async Task RepeatAsync(Letter letter, CancellationToken cancellationToken)
    {
        try
        {
            await SendAsync(letter, late: true, cancellationToken);
            _again.TryDequeue(out _);
        }
        catch (MqttLinkException e)
        {
            Tell(e);
            if (e.Failure == MqttFailure.Refused)
                _again.TryDequeue(out _);
            else
                await Task.Delay(RetryDelay, clock, cancellationToken);
        }
    }

    /// <summary>What has been dropped meanwhile is counted already: there is nothing to send. What the disk does not give is told of as if it were refused.</summary>
    private async Task SendAsync(Letter letter, bool late, CancellationToken cancellationToken)
    {
        if (journal.Content(letter) is { } content)
            await broker.Link.PublishAsync(write(letter.Label, content, late), cancellationToken);
        else if (journal.Keeps(letter))
            throw new MqttLinkException(MqttFailure.Refused, $"'{letter.Label.Topic}' #{letter.Label.Seq} was not published: the outbox cannot read it");
    }

    private void Tell(MqttLinkException e)
    {
        meter.PublishFailed(MetricLabel.Of(e.Failure));
        LogFailed(e.Message);
    }

    [LoggerMessage(601, LogLevel.Warning, "{Why}")]
    private partial void LogFailed(string why);
}
