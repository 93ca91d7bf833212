using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using MrfAd.Station.Options;

namespace MrfAd.Station.Mqtt;

/// <summary>The link over MQTTnet. Each connection has its own client, disposed of with it, so that no message of an earlier connection is sent later.</summary>
public sealed class MqttNetLink(MqttOptions options, Func<MqttMessage?>? will, TimeProvider clock, ILogger logger)
    : ReconnectingLink(options, clock, logger)
{
    // Maximum number of unacknowledged messages from the broker; they wait in memory.
    private const ushort ReceiveMaximum = 100;

    // Messages that were not accepted stay unacknowledged and count towards the receive maximum. Beyond this number they are acknowledged all the same, or the broker would send nothing any more.
    private const int MaxUnaccepted = 8;

    // A broker that answers pings but has not acknowledged a message within this many keep-alive periods will not do so on this connection.
    private const int KeepAlivesForAcknowledgement = 4;

    // The buffers of the socket, in bytes. With MQTTnet's own 8 kB the window is below a segment of the loopback, where a burst then comes in pieces of a few kB, one each 200 ms.
    private const int SocketBuffer = 256 * 1024;

    private readonly TimeProvider _clock = clock;
    private volatile Connection? _connection;

    private bool IsMqtt5 => Options.Protocol == MqttProtocol.Mqtt5;

    protected override async Task<ConnectionEnd> ServeOneConnectionAsync(CancellationToken cancellationToken)
    {
        // Disposing of a client that is still connected makes the broker publish the will.
        using var client = new MqttClientFactory().CreateMqttClient();
        var connection = new Connection(client);
        client.DisconnectedAsync += e =>
        {
            connection.Lose(End(e));
            return Task.CompletedTask;
        };
        var unaccepted = 0;
        client.ApplicationMessageReceivedAsync += e =>
        {
            connection.SetAlive(_clock);
            e.ProcessingFailed = !Received(MqttNetMessages.Read(e.ApplicationMessage)) && ++unaccepted <= MaxUnaccepted;
            return Task.CompletedTask;
        };

        if (await ConnectAsync(client, cancellationToken) is { } refusal)
            return new(ConnectionEndKind.NotConnected, refusal);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task[] beside = [KeepAliveAsync(connection, end.Token), RetryRefusedAsync((subscription, stop) => RetryAsync(client, subscription, stop), end.Token)];
        try
        {
            _connection = connection;
            Established();
            return await connection.Lost.WaitAsync(cancellationToken);
        }
        finally
        {
            _connection = null;
            await end.CancelAsync();
            await Task.WhenAll(beside).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    protected override async Task SendAsync(MqttMessage message, CancellationToken cancellationToken)
    {
        var connection = _connection ?? throw new MqttLinkException(MqttFailure.NotConnected, "the connection was lost");
        var timeout = Options.KeepAlive * KeepAlivesForAcknowledgement;
        try
        {
            // MQTTnet reports its own cancellation as a timeout, so it gets no token.
            var result = await connection.Client.PublishAsync(MqttNetMessages.Write(message, IsMqtt5), CancellationToken.None).WaitAsync(timeout, _clock, cancellationToken);
            // One of QoS 0 is not acknowledged.
            if (message.Qos > 0)
                connection.SetAlive(_clock);
            if (!result.IsSuccess)
                throw new MqttLinkException(FailureOf(result.ReasonCode), Describe(result.ReasonCode, result.ReasonString));
        }
        catch (TimeoutException e)
        {
            connection.Lose(new(ConnectionEndKind.Lost, $"a message was not acknowledged in {timeout.TotalSeconds:0} s"));
            throw new MqttLinkException(MqttFailure.Lost, $"the broker did not acknowledge in {timeout.TotalSeconds:0} s", e);
        }
        catch (MqttProtocolViolationException e)
        {
            throw new MqttLinkException(MqttFailure.Refused, e.Message, e);
        }
        catch (MqttClientNotConnectedException e)
        {
            throw new MqttLinkException(MqttFailure.NotConnected, "the connection was lost", e);
        }
        catch (Exception e) when (e is MqttCommunicationException or ObjectDisposedException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new MqttLinkException(MqttFailure.Lost, "the broker did not acknowledge", e);
        }
    }

    protected override Task DisconnectAsync(CancellationToken cancellationToken) =>
        _connection?.Client.DisconnectAsync(new MqttClientDisconnectOptions(), cancellationToken) ?? Task.CompletedTask;

    /// <summary>Connects and subscribes.</summary>
    /// <returns>The reason of a refusal or failure; null where it succeeded.</returns>
    private async Task<string?> ConnectAsync(IMqttClient client, CancellationToken cancellationToken)
    {
        // A host that accepts the connection but stays silent must not block for ever.
        using var timeout = new CancellationTokenSource(Options.KeepAlive, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        var certificate = new BrokerCertificate(Options);
        try
        {
            var result = await client.ConnectAsync(ConnectOptions(certificate), either.Token);
            if (result.ResultCode != MqttClientConnectResultCode.Success)
                return $"refused: {Describe(result.ResultCode)}";
            // MQTTnet returns 0 where the broker gave no limit, and does not enforce the limits itself.
            Limit(result.ReceiveMaximum is > 0 and var maximum ? maximum : null, result.MaximumPacketSize is > 0 and var bytes ? bytes : null);

            foreach (var subscription in Subscriptions)
                await SubscribeAsync(client, subscription, either.Token);
            return null;
        }
        catch (Exception e) when (timeout.IsCancellationRequested && e is OperationCanceledException or MqttCommunicationException)
        {
            return $"no answer in {Options.KeepAlive.TotalSeconds} s";
        }
        catch (MqttCommunicationException e)
        {
            return certificate.Fault ?? ConnectFailure.Describe(e, Options, certificate.IsTrusted);
        }
    }

    private async Task SubscribeAsync(IMqttClient client, Subscription subscription, CancellationToken cancellationToken)
    {
        var answer = await client.SubscribeAsync(subscription.Filter, MqttQualityOfServiceLevel.AtLeastOnce, cancellationToken);
        var code = answer.Items.First().ResultCode;
        Subscribed(subscription, code < MqttClientSubscribeResultCode.UnspecifiedError ? null : IsMqtt5 ? Describe(code, answer.ReasonString) : "not granted (MQTT 3.1.1 gives no reason)");
    }

    /// <summary>Subscribes again to a filter that was refused. A connection that is lost meanwhile is noticed elsewhere.</summary>
    private async Task RetryAsync(IMqttClient client, Subscription subscription, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(Options.KeepAlive, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await SubscribeAsync(client, subscription, either.Token);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && e is MqttCommunicationException or OperationCanceledException or ObjectDisposedException)
        {
            // The next attempt comes with the next retry, or after the next connect.
        }
    }

    /// <summary>
    /// Pings the broker twice in a keep-alive period. The client pings too, but only when it has sent nothing itself, and by the wall clock: it would not notice
    /// a silent broker while messages are published, and after the clock is set back it would send no ping until the broker closes the connection. The answer to
    /// a ping stands behind all that the broker sent before, so that each message is a sign of life, too.
    /// </summary>
    private async Task KeepAliveAsync(Connection connection, CancellationToken cancellationToken)
    {
        connection.SetAlive(_clock);
        while (connection.Silence(_clock) < Options.KeepAlive)
        {
            _ = PingAsync(connection, cancellationToken);
            await Task.Delay(Options.KeepAlive / 2, _clock, cancellationToken);
        }

        connection.Lose(new(ConnectionEndKind.Lost, $"no answer in {Options.KeepAlive.TotalSeconds} s"));
    }

    private async Task PingAsync(Connection connection, CancellationToken cancellationToken)
    {
        try
        {
            await connection.Client.PingAsync(cancellationToken);
            connection.SetAlive(_clock);
        }
        catch (Exception e) when (e is MqttCommunicationException or OperationCanceledException or ObjectDisposedException)
        {
            // The connection has ended, which the client reports.
        }
    }

    private MqttClientOptions ConnectOptions(BrokerCertificate certificate)
    {
        var builder = new MqttClientOptionsBuilder()
            .WithTcpServer(Options.Host, Options.Port)
            .WithProtocolVersion(IsMqtt5 ? MqttProtocolVersion.V500 : MqttProtocolVersion.V311)
            .WithCleanStart(Options.SessionExpiry == TimeSpan.Zero)
            .WithClientId(Options.ClientId)
            .WithKeepAlivePeriod(Options.KeepAlive)
            .WithTimeout(Options.KeepAlive)
            // One write for each message instead of two, at the price of a copy: a fifth more verdicts a second.
            .WithoutPacketFragmentation();
        if (IsMqtt5)
            builder.WithSessionExpiryInterval((uint)Options.SessionExpiry.TotalSeconds).WithReceiveMaximum(ReceiveMaximum);
        if (IsMqtt5 && Options.MaxReceivedBytes is { } largest)
            builder.WithMaximumPacketSize((uint)largest);
        if (Options.Tls.Enabled)
            builder.WithTlsOptions(tls => Secure(tls, certificate));
        if (Options.Username is not null)
            builder.WithCredentials(Options.Username, ReadPassword());
        if (will?.Invoke() is { } message)
            MqttNetMessages.AddWill(builder, message, IsMqtt5);
        var built = builder.Build();
        ((MqttClientTcpOptions)built.ChannelOptions).BufferSize = SocketBuffer;
        return built;
    }

    private void Secure(MqttClientTlsOptionsBuilder tls, BrokerCertificate certificate)
    {
        // Private certificate authorities seldom publish revocation lists.
        tls.UseTls().WithTargetHost(Options.Tls.ServerName ?? Options.Host).WithRevocationMode(X509RevocationMode.NoCheck)
            .WithCertificateValidationHandler(e => certificate.Check(e.Certificate, e.Chain, e.SslPolicyErrors));
        if (TlsFiles.Authorities(Options.Tls) is { } authorities)
            tls.WithTrustChain(authorities);
        if (TlsFiles.Identity(Options.Tls) is { } identity)
            tls.WithClientCertificates([identity]);
    }

    private static ConnectionEnd End(MqttClientDisconnectedEventArgs e) => e.Reason switch
    {
        MqttClientDisconnectReason.SessionTakenOver => new(ConnectionEndKind.TakenOver, $"another client has connected with our client id ({Describe(e.Reason, e.ReasonString)}; the broker's log names its address)"),
        _ when e.Exception is not null => new(ConnectionEndKind.Lost, e.Exception.GetBaseException().Message),
        // MQTTnet also uses NormalDisconnection where the network was cut.
        MqttClientDisconnectReason.NormalDisconnection => new(ConnectionEndKind.Closed, "the connection was lost"),
        _ => new(ConnectionEndKind.Lost, Describe(e.Reason, e.ReasonString)),
    };

    private static MqttFailure FailureOf(MqttClientPublishReasonCode code) => code switch
    {
        MqttClientPublishReasonCode.NotAuthorized => MqttFailure.Denied,
        MqttClientPublishReasonCode.QuotaExceeded => MqttFailure.QuotaExceeded,
        MqttClientPublishReasonCode.TopicNameInvalid or MqttClientPublishReasonCode.PayloadFormatInvalid => MqttFailure.Refused,
        _ => MqttFailure.BrokerError,
    };

    private static string Describe(Enum code, string? reason) => string.IsNullOrEmpty(reason) ? Describe(code) : $"{Describe(code)} ({reason})";

    /// <summary>Returns the name of a code in words, "not authorized" for NotAuthorized.</summary>
    private static string Describe(Enum code) => JsonNamingPolicy.SnakeCaseLower.ConvertName(code.ToString()).Replace('_', ' ');

    /// <summary>One connection and its end.</summary>
    private sealed class Connection(IMqttClient client)
    {
        private readonly TaskCompletionSource<ConnectionEnd> _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private long _aliveAt;

        public IMqttClient Client { get; } = client;

        /// <summary>Completes when the connection has ended.</summary>
        public Task<ConnectionEnd> Lost => _lost.Task;

        /// <summary>Notes that the broker is alive, or has just been asked.</summary>
        public void SetAlive(TimeProvider clock) => Volatile.Write(ref _aliveAt, clock.GetTimestamp());

        /// <summary>The time since <see cref="SetAlive"/>.</summary>
        public TimeSpan Silence(TimeProvider clock) => clock.GetElapsedTime(Volatile.Read(ref _aliveAt));

        public void Lose(ConnectionEnd end) => _lost.TrySetResult(end);
    }
}
