using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using MrfAd.Platform;
using MrfAd.Station.Options;

namespace MrfAd.Station.Mqtt;

/// <summary>The parts of a link that do not depend on the MQTT library: reconnecting, reporting changes, calling handlers, respecting the broker's limits, and disconnecting.</summary>
public abstract partial class ReconnectingLink : IMqttLink
{
    // A topic that the broker refuses is tried again after the first delay, then after twice as long, up to the maximum.
    private static readonly TimeSpan FirstRetryDelay = TimeSpan.FromSeconds(1), MaxRetryDelay = TimeSpan.FromSeconds(30);

    // Where another client has the same id, each connect of one is a disconnect of the other: five minutes in place of half a minute.
    private const int DisplacedDelayFactor = 10;

    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly List<Subscription> _subscriptions = [];
    private readonly Channel<Action> _changes = Channel.CreateUnbounded<Action>();
    private readonly CancellationTokenSource _stop = new();
    private readonly Backoff _backoff;
    private readonly MessageSender _sender;
    private readonly ClientIdConflict _conflict;
    private Task? _running;
    private volatile bool _connected;
    private volatile bool _stopping;

    protected ReconnectingLink(MqttOptions options, TimeProvider clock, ILogger logger)
    {
        (Options, _clock, _logger) = (options, clock, logger);
        _backoff = new Backoff(options.ReconnectDelay, options.ReconnectDelayMax);
        _sender = new MessageSender(SendAsync);
        Problems = new LinkProblemRegister(problems => Post(() => ProblemsChanged?.Invoke(problems)));
        _conflict = new ClientIdConflict(options.ClientId, options.ReconnectDelay, DisplacedDelayFactor * options.ReconnectDelayMax, clock, Problems.SetConflict);
    }

    public event Action<string?>? ConnectionChanged;

    public event Action<LinkProblems>? ProblemsChanged;

    public event Action? RetryDue;

    public bool IsConnected => _connected && !_stop.IsCancellationRequested;

    public long ConnectionNumber => _sender.ConnectionNumber;

    public long MaximumPacketBytes { get; private set; } = long.MaxValue;

    protected MqttOptions Options { get; }

    protected IReadOnlyList<Subscription> Subscriptions => _subscriptions;

    protected LinkProblemRegister Problems { get; }

    private string Broker => $"{Options.Host}:{Options.Port}";

    public void Subscribe(string filter, Func<MqttMessage, CancellationToken, Task> handler, Func<MqttMessage, bool>? accept = null, bool isOptional = false)
    {
        if (_running is not null)
            throw new InvalidOperationException($"'{filter}' must be subscribed before the link starts");
        TopicFilter.Check(filter);
        _subscriptions.Add(new Subscription(filter, handler, accept, isOptional, _logger));
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
            if (message.Qos > 0 && Problems.Accept(message.Topic, isSubscription: false))
                TopicAccepted(_logger, message.Topic, Broker);
        }
        catch (MqttLinkException e)
        {
            if (!message.IsReply && e.MayPass)
                Problems.Refuse(new RefusedTopic(message.Topic, IsSubscription: false, e.Message));
            else if (!message.IsReply && e.IsRefusal)
                Problems.Drop(message.Topic, e.Message);
            throw new MqttLinkException(e.Failure, $"'{message.Topic}' was not published to {Broker}: {(e.IsRefusal ? "refused: " : "")}{e.Message}", e);
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
    /// <returns>How the connection ended.</returns>
    /// <exception cref="MqttLinkException">The connection could not be started.</exception>
    protected abstract Task<ConnectionEnd> ServeOneConnectionAsync(CancellationToken cancellationToken);

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
        _conflict.Begin();
        Connected(_logger, Broker);
        Post(() => ConnectionChanged?.Invoke(null));
    }

    /// <summary>Notes the broker's answer to a subscription. A refusal is logged once, until the subscription is granted.</summary>
    /// <param name="refusal">The broker's reason; null where it has granted the subscription.</param>
    protected void Subscribed(Subscription subscription, string? refusal)
    {
        if (refusal is null && Problems.Accept(subscription.Filter, isSubscription: true))
            SubscriptionGranted(_logger, subscription.Filter, Broker);
        else if (refusal is not null && !subscription.IsOptional && Problems.Refuse(new RefusedTopic(subscription.Filter, IsSubscription: true, refusal)))
            SubscriptionRefused(_logger, subscription.Filter, Broker, refusal);
    }

    /// <summary>While the broker refuses any topic, subscribes again to those that it refuses, at growing intervals, and has the refused messages published again.</summary>
    /// <param name="subscribe">Subscribes and notes the answer.</param>
    protected async Task RetryRefusedAsync(Func<Subscription, CancellationToken, Task> subscribe, CancellationToken cancellationToken)
    {
        var backoff = new Backoff(FirstRetryDelay, MaxRetryDelay);
        while (true)
        {
            await Problems.WaitForRefusalAsync(cancellationToken);
            await Task.Delay(backoff.Next(), _clock, cancellationToken);
            var refused = Problems.Current.Refused.Where(t => t.IsSubscription).Select(t => t.Topic).ToHashSet();
            foreach (var subscription in _subscriptions.Where(s => refused.Contains(s.Filter)))
                await subscribe(subscription, cancellationToken);
            Post(() => RetryDue?.Invoke());
            if (Problems.Current.Refused.Count == 0)
                backoff.Reset();
        }
    }

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
            var (kind, reason) = await ServeAsync();
            var wasConnected = _connected;
            _connected = false;
            Problems.EndConnection();
            if (_stopping || _stop.IsCancellationRequested)
                break;

            var wait = _conflict.End(kind) ?? _backoff.Next();
            // A broker that is unreachable for a night is logged once, not thousands of times.
            if (wasConnected || reason != lastReason)
                NotConnected(_logger, Broker, reason);
            lastReason = reason;
            Post(() => ConnectionChanged?.Invoke($"broker {Broker}: {reason}"));
            await Task.Delay(wait, _clock, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _changes.Writer.Complete();
    }

    private void Post(Action change) => _changes.Writer.TryWrite(change);

    private async Task<ConnectionEnd> ServeAsync()
    {
        try
        {
            return await ServeOneConnectionAsync(_stop.Token);
        }
        catch (MqttLinkException e)
        {
            return new(ConnectionEndKind.NotConnected, e.Message);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            return new(ConnectionEndKind.Lost, "stopped");
        }
        catch (Exception e)
        {
            // This is a bug; the station still needs its link, so it is logged and the link reconnects.
            AttemptFailed(_logger, e);
            return new(ConnectionEndKind.NotConnected, e.Message);
        }
    }

    private async Task ReportChangesAsync()
    {
        await foreach (var change in _changes.Reader.ReadAllAsync())
        {
            try
            {
                change();
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
        _conflict.Dispose();
        if (_running is not null)
            await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
