using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using MrfAd.Platform;
using MrfAd.Station.Options;

namespace MrfAd.Station.Mqtt;

/// <summary>A link's life, whatever carries it: trying for ever, telling of changes, feeding handlers, keeping the broker's limits, leaving in good order.</summary>
public abstract partial class ReconnectingLink : IMqttLink
{
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly List<Subscription> _subscriptions = [];
    private readonly Channel<string?> _changes = Channel.CreateUnbounded<string?>();
    private readonly CancellationTokenSource _stop = new();
    private readonly Backoff _backoff;
    private readonly MessageSender _sender;
    private Task? _running;
    private volatile bool _connected;
    private volatile bool _leaving;

    protected ReconnectingLink(MqttOptions options, TimeProvider clock, ILogger logger)
    {
        (Options, _clock, _logger) = (options, clock, logger);
        _backoff = new Backoff(options.ReconnectDelay, options.ReconnectDelayMax);
        _sender = new MessageSender(SendAsync);
    }

    public event Action<string?>? ConnectionChanged;

    public bool IsConnected => _connected && !_stop.IsCancellationRequested;

    public long MaximumPacketBytes { get; private set; } = long.MaxValue;

    protected MqttOptions Options { get; }

    protected IReadOnlyList<Subscription> Subscriptions => _subscriptions;

    private string Broker => $"{Options.Host}:{Options.Port}";

    public void Subscribe(string filter, Func<MqttMessage, CancellationToken, Task> handler, Func<MqttMessage, bool>? accept = null)
    {
        if (_running is not null)
            throw new InvalidOperationException($"'{filter}' must be subscribed before the link starts");
        TopicFilter.Check(filter);
        _subscriptions.Add(new Subscription(filter, handler, accept, _logger));
    }

    public void Start()
    {
        if (_running is not null)
            throw new InvalidOperationException("the link has started already");
        _running = Task.WhenAll([KeepConnectedAsync(), ReportChangesAsync(), _sender.RunAsync(), .. _subscriptions.Select(s => s.PumpAsync(_stop.Token))]);
    }

    public async Task PublishAsync(MqttMessage message, CancellationToken cancellationToken)
    {
        if (!IsConnected)
            throw new MqttLinkException(MqttFailure.NotConnected, $"'{message.Topic}' was not published: no connection to {Broker}");

        try
        {
            if (message.PacketBytes > MaximumPacketBytes)
                throw new MqttLinkException(MqttFailure.Refused, $"the broker takes packets of {MaximumPacketBytes} bytes, this has {message.PacketBytes}");
            await (message.Qos == 0 ? SendAsync(message, cancellationToken) : _sender.SendAsync(message, cancellationToken));
        }
        catch (MqttLinkException e)
        {
            throw new MqttLinkException(e.Failure, $"'{message.Topic}' was not published to {Broker}: {e.Message}", e);
        }
    }

    public async Task StopAsync(MqttMessage? farewell, CancellationToken cancellationToken)
    {
        _leaving = true;
        try
        {
            if (IsConnected)
            {
                if (farewell is not null)
                    await PublishAsync(farewell, cancellationToken);
                await DisconnectAsync(cancellationToken);
            }
        }
        catch (Exception e) when (e is MqttLinkException or OperationCanceledException)
        {
            FarewellFailed(_logger, e.Message);
        }
        finally
        {
            await EndAsync();
        }
    }

    /// <summary>Lets go of the broker without a farewell: it sends the will.</summary>
    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Connects, subscribes, calls <see cref="Established"/>, serves until lost; drops the connection (without a farewell) when cancelled.</summary>
    /// <returns>Why it ended, one sentence.</returns>
    /// <exception cref="MqttLinkException">It could not begin.</exception>
    protected abstract Task<string> ServeOneConnectionAsync(CancellationToken cancellationToken);

    /// <inheritdoc cref="PublishAsync"/>
    protected abstract Task SendAsync(MqttMessage message, CancellationToken cancellationToken);

    /// <summary>Ends the connection in good order; completes when the broker has been told.</summary>
    protected abstract Task DisconnectAsync(CancellationToken cancellationToken);

    /// <summary>The broker has accepted us; these are its limits.</summary>
    /// <param name="receiveMaximum">How many messages of QoS 1 may wait for its acknowledgement; null: it did not say.</param>
    /// <param name="maximumPacketBytes">Null: it did not say.</param>
    protected void Limit(ushort? receiveMaximum, uint? maximumPacketBytes)
    {
        _sender.BeginConnection(receiveMaximum ?? ushort.MaxValue);
        MaximumPacketBytes = maximumPacketBytes ?? long.MaxValue;
    }

    /// <summary>The broker has answered the subscriptions.</summary>
    protected void Established()
    {
        _connected = true;
        _backoff.Reset();
        Connected(_logger, Broker);
        _changes.Writer.TryWrite(null);
    }

    protected void SubscriptionRefused(string filter, string why) => SubscriptionRefused(_logger, filter, Broker, why);

    /// <summary>Called on the network thread, before the message is acknowledged.</summary>
    /// <returns>False where it could not be accepted: it is not to be acknowledged.</returns>
    protected bool Received(MqttMessage message)
    {
        var accepted = true;
        foreach (var subscription in _subscriptions)
        {
            if (TopicFilter.Matches(subscription.Filter, message.Topic))
                accepted &= subscription.Offer(message);
        }

        return accepted;
    }

    /// <summary>Read at each connect, so that a changed password needs no restart.</summary>
    /// <exception cref="MqttLinkException">The file cannot be read; the text names it.</exception>
    protected string? ReadPassword()
    {
        if (Options.PasswordFile is null)
            return null;
        try
        {
            return UserFiles.ReadText(Options.PasswordFile).TrimEnd('\r', '\n');
        }
        catch (IOException e)
        {
            throw new MqttLinkException(MqttFailure.NotConnected, $"the password file '{Options.PasswordFile}' cannot be read: {e.Message}", e);
        }
    }

    private async Task KeepConnectedAsync()
    {
        var lastReason = "";
        while (!_stop.IsCancellationRequested)
        {
            var reason = await ServeAsync();
            var wasConnected = _connected;
            _connected = false;
            if (_leaving || _stop.IsCancellationRequested)
                break;

            var wait = _backoff.Next();
            // A broker that is away for a night is worth one line, not thousands.
            if (wasConnected || reason != lastReason)
                NotConnected(_logger, Broker, reason);
            lastReason = reason;
            _changes.Writer.TryWrite($"broker {Broker}: {reason}");
            await Task.Delay(wait, _clock, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _changes.Writer.Complete();
    }

    private async Task<string> ServeAsync()
    {
        try
        {
            return await ServeOneConnectionAsync(_stop.Token);
        }
        catch (MqttLinkException e)
        {
            return e.Message;
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            return "stopped";
        }
        catch (Exception e)
        {
            // A bug; but a station without its link helps nobody, so it is told and tried on.
            AttemptFailed(_logger, e);
            return e.Message;
        }
    }

    private async Task ReportChangesAsync()
    {
        await foreach (var reason in _changes.Reader.ReadAllAsync())
        {
            try
            {
                ConnectionChanged?.Invoke(reason);
            }
            catch (Exception e)
            {
                ListenerFailed(_logger, e);
            }
        }
    }

    private async Task EndAsync()
    {
        await _stop.CancelAsync();
        _sender.Dispose();
        if (_running is not null)
            await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    [LoggerMessage(EventId = 500, Level = LogLevel.Information, Message = "connected to the broker {Broker}")]
    private static partial void Connected(ILogger logger, string broker);

    [LoggerMessage(EventId = 501, Level = LogLevel.Warning, Message = "no connection to the broker {Broker}: {Reason}; trying on")]
    private static partial void NotConnected(ILogger logger, string broker, string reason);

    [LoggerMessage(EventId = 502, Level = LogLevel.Error, Message = "the subscription to {Filter} was refused by the broker {Broker}: {Reason}")]
    private static partial void SubscriptionRefused(ILogger logger, string filter, string broker, string reason);

    [LoggerMessage(EventId = 503, Level = LogLevel.Warning, Message = "left without a farewell, the broker sends the will: {Reason}")]
    private static partial void FarewellFailed(ILogger logger, string reason);

    [LoggerMessage(EventId = 505, Level = LogLevel.Error, Message = "the connection to the broker failed in an unforeseen way")]
    private static partial void AttemptFailed(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 504, Level = LogLevel.Error, Message = "a listener to connection changes failed")]
    private static partial void ListenerFailed(ILogger logger, Exception exception);
}
