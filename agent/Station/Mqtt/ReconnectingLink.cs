using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using MrfAd.Platform;
using MrfAd.Station.Options;

namespace MrfAd.Station.Mqtt;

/// <summary>The parts of a link that do not depend on the MQTT library: reconnecting, reporting changes, calling handlers, respecting the broker's limits, and disconnecting.</summary>
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
    private volatile bool _stopping;

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

    public async Task StopAsync(MqttMessage? lastMessage, CancellationToken cancellationToken)
    {
        _stopping = true;
        try
        {
            if (IsConnected)
            {
                if (lastMessage is not null)
                    await PublishAsync(lastMessage, cancellationToken);
                await DisconnectAsync(cancellationToken);
            }
        }
        catch (Exception e) when (e is MqttLinkException or OperationCanceledException)
        {
            LastMessageFailed(_logger, e.Message);
        }
        finally
        {
            await EndAsync();
        }
    }

    /// <summary>Drops the connection without a disconnect packet, so that the broker publishes the will.</summary>
    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Connects, subscribes, calls <see cref="Established"/> and serves the connection until it is lost. When cancelled, drops it without a disconnect packet.</summary>
    /// <returns>The reason why the connection ended, in one sentence.</returns>
    /// <exception cref="MqttLinkException">The connection could not be started.</exception>
    protected abstract Task<string> ServeOneConnectionAsync(CancellationToken cancellationToken);

    /// <inheritdoc cref="PublishAsync"/>
    protected abstract Task SendAsync(MqttMessage message, CancellationToken cancellationToken);

    /// <summary>Disconnects cleanly; completes when the disconnect packet has been sent.</summary>
    protected abstract Task DisconnectAsync(CancellationToken cancellationToken);

    /// <summary>Sets the limits of a broker that has accepted the connection.</summary>
    /// <param name="receiveMaximum">Maximum number of unacknowledged messages of QoS 1; null where the broker gave none.</param>
    /// <param name="maximumPacketBytes">Maximum size of a packet in bytes; null where the broker gave none.</param>
    protected void Limit(ushort? receiveMaximum, uint? maximumPacketBytes)
    {
        _sender.BeginConnection(receiveMaximum ?? ushort.MaxValue);
        MaximumPacketBytes = maximumPacketBytes ?? long.MaxValue;
    }

    /// <summary>Reports that the broker is connected and has answered the subscriptions.</summary>
    protected void Established()
    {
        _connected = true;
        _backoff.Reset();
        Connected(_logger, Broker);
        _changes.Writer.TryWrite(null);
    }

    protected void SubscriptionRefused(string filter, string why) => SubscriptionRefused(_logger, filter, Broker, why);

    /// <summary>Passes a message to its subscriptions. Called on the network thread, before the message is acknowledged.</summary>
    /// <returns>False where accepting it failed, so that it must not be acknowledged.</returns>
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

    /// <summary>Reads the password at each connect, so that a changed one needs no restart.</summary>
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
            if (_stopping || _stop.IsCancellationRequested)
                break;

            var wait = _backoff.Next();
            // A broker that is unreachable for a night is logged once, not thousands of times.
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
            // This is a bug; the station still needs its link, so it is logged and the link reconnects.
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

    [LoggerMessage(EventId = 503, Level = LogLevel.Warning, Message = "disconnected without a last message, the broker publishes the will: {Reason}")]
    private static partial void LastMessageFailed(ILogger logger, string reason);

    [LoggerMessage(EventId = 505, Level = LogLevel.Error, Message = "the connection to the broker failed in an unforeseen way")]
    private static partial void AttemptFailed(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 504, Level = LogLevel.Error, Message = "a listener to connection changes failed")]
    private static partial void ListenerFailed(ILogger logger, Exception exception);
}
