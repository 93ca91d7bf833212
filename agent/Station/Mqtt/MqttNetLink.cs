using System.Buffers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Packets;
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

    private readonly TimeProvider _clock = clock;
    private volatile Connection? _connection;

    private bool IsMqtt5 => Options.Protocol == MqttProtocol.Mqtt5;

    protected override async Task<string> ServeOneConnectionAsync(CancellationToken cancellationToken)
    {
        // Disposing of a client that is still connected makes the broker publish the will.
        using var client = new MqttClientFactory().CreateMqttClient();
        var connection = new Connection(client);
        client.DisconnectedAsync += e =>
        {
            connection.Lose(Describe(e));
            return Task.CompletedTask;
        };
        var unaccepted = 0;
        client.ApplicationMessageReceivedAsync += e =>
        {
            e.ProcessingFailed = !Received(Read(e.ApplicationMessage)) && ++unaccepted <= MaxUnaccepted;
            return Task.CompletedTask;
        };

        if (await ConnectAsync(client, cancellationToken) is { } refusal)
            return refusal;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var pinging = KeepAliveAsync(connection, end.Token);
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
            await pinging.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    protected override async Task SendAsync(MqttMessage message, CancellationToken cancellationToken)
    {
        var connection = _connection ?? throw new MqttLinkException(MqttFailure.NotConnected, "the connection was lost");
        var timeout = Options.KeepAlive * KeepAlivesForAcknowledgement;
        try
        {
            // MQTTnet reports its own cancellation as a timeout, so it gets no token.
            var result = await connection.Client.PublishAsync(Write(message), CancellationToken.None).WaitAsync(timeout, _clock, cancellationToken);
            if (!result.IsSuccess)
                throw new MqttLinkException(MqttFailure.Refused, $"refused: {Describe(result.ReasonCode)}");
        }
        catch (TimeoutException e)
        {
            connection.Lose($"a message was not acknowledged in {timeout.TotalSeconds:0} s");
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

            foreach (var filter in Subscriptions.Select(s => s.Filter))
            {
                var subscribed = await client.SubscribeAsync(filter, MqttQualityOfServiceLevel.AtLeastOnce, either.Token);
                var granted = subscribed.Items.First().ResultCode;
                if (granted >= MqttClientSubscribeResultCode.UnspecifiedError)
                    SubscriptionRefused(filter, Describe(granted));
            }

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

    /// <summary>
    /// Pings the broker twice in a keep-alive period. The client pings too, but only when it has sent nothing itself, and by the wall clock: it would not notice
    /// a silent broker while messages are published, and after the clock is set back it would send no ping until the broker closes the connection.
    /// </summary>
    private async Task KeepAliveAsync(Connection connection, CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(Options.KeepAlive / 2, _clock, cancellationToken);
            using var timeout = new CancellationTokenSource(Options.KeepAlive, _clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
            try
            {
                await connection.Client.PingAsync(either.Token);
            }
            catch (Exception e) when (e is MqttCommunicationException or OperationCanceledException or ObjectDisposedException)
            {
                if (timeout.IsCancellationRequested)
                    connection.Lose($"no answer in {Options.KeepAlive.TotalSeconds} s");
                // Otherwise the connection was lost for another reason, which the client reports.
                return;
            }
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
            AddWill(builder, message);
        return builder.Build();
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

    private void AddWill(MqttClientOptionsBuilder builder, MqttMessage will)
    {
        builder
            .WithWillTopic(will.Topic)
            .WithWillPayload(will.Payload.ToArray())
            .WithWillQualityOfServiceLevel((MqttQualityOfServiceLevel)will.Qos)
            .WithWillRetain(will.Retain);
        if (!IsMqtt5)
            return;
        builder
            .WithWillContentType(will.ContentType)
            .WithWillResponseTopic(will.ResponseTopic)
            .WithWillCorrelationData(will.CorrelationData.IsEmpty ? null : will.CorrelationData.ToArray());
        if (will.ExpirySeconds is { } seconds)
            builder.WithWillMessageExpiryInterval(seconds);
        foreach (var (name, value) in will.UserProperties)
            builder.WithWillUserProperty(name, Encoding.UTF8.GetBytes(value));
    }

    private MqttApplicationMessage Write(MqttMessage message) => !IsMqtt5 ? Plain(message) : new()
    {
        Topic = message.Topic,
        Payload = new ReadOnlySequence<byte>(message.Payload),
        QualityOfServiceLevel = (MqttQualityOfServiceLevel)message.Qos,
        Retain = message.Retain,
        ContentType = message.ContentType,
        ResponseTopic = message.ResponseTopic,
        CorrelationData = message.CorrelationData.IsEmpty ? null : message.CorrelationData.ToArray(),
        MessageExpiryInterval = message.ExpirySeconds ?? 0,
        UserProperties = [.. message.UserProperties.Select(p => new MqttUserProperty(p.Key, Encoding.UTF8.GetBytes(p.Value)))],
    };

    private static MqttApplicationMessage Plain(MqttMessage message) => new()
    {
        Topic = message.Topic,
        Payload = new ReadOnlySequence<byte>(message.Payload),
        QualityOfServiceLevel = (MqttQualityOfServiceLevel)message.Qos,
        Retain = message.Retain,
    };

    private static MqttMessage Read(MqttApplicationMessage message) => new(message.Topic, message.Payload.ToArray())
    {
        Qos = (int)message.QualityOfServiceLevel,
        Retain = message.Retain,
        ContentType = NullIfEmpty(message.ContentType),
        ResponseTopic = NullIfEmpty(message.ResponseTopic),
        CorrelationData = message.CorrelationData,
        Expiry = message.MessageExpiryInterval == 0 ? null : TimeSpan.FromSeconds(message.MessageExpiryInterval),
        UserProperties = [.. (message.UserProperties ?? []).Select(p => new KeyValuePair<string, string>(p.Name, p.ReadValueAsString()))],
    };

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static string Describe(MqttClientDisconnectedEventArgs e) =>
        e.Exception?.GetBaseException().Message
        // MQTTnet also uses NormalDisconnection where the network was cut.
        ?? (e.Reason == MqttClientDisconnectReason.NormalDisconnection ? "the connection was lost" : Describe(e.Reason));

    /// <summary>Returns the name of a code in words, "not authorized" for NotAuthorized.</summary>
    private static string Describe(Enum code) => JsonNamingPolicy.SnakeCaseLower.ConvertName(code.ToString()).Replace('_', ' ');

    /// <summary>One connection and the reason of its end.</summary>
    private sealed class Connection(IMqttClient client)
    {
        private readonly TaskCompletionSource<string> _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public IMqttClient Client { get; } = client;

        /// <summary>Completes when the connection has ended, with the reason.</summary>
        public Task<string> Lost => _lost.Task;

        public void Lose(string reason) => _lost.TrySetResult(reason);
    }
}
