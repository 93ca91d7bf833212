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

/// <summary>The link over MQTTnet. Each connection has a client of its own, which dies with it: nothing that it was given surfaces later.</summary>
public sealed class MqttNetLink(MqttOptions options, Func<MqttMessage?>? will, TimeProvider clock, ILogger logger)
    : ReconnectingLink(options, clock, logger)
{
    // Messages that the broker may send before we have acknowledged the first: they wait in memory.
    private const ushort ReceiveMaximum = 100;

    // Messages that were not accepted stay unacknowledged, each in one of the broker's places; of more than these it is told that they are done with, or nothing would come any more.
    private const int MaxUnaccepted = 8;

    // A broker that answers pings but has not acknowledged a message for so many keep-alives never will on this connection.
    private const int KeepAlivesForAcknowledgement = 4;

    private readonly TimeProvider _clock = clock;
    private volatile Connection? _connection;

    private bool IsMqtt5 => Options.Protocol == MqttProtocol.Mqtt5;

    protected override async Task<string> ServeOneConnectionAsync(CancellationToken cancellationToken)
    {
        // Disposing without a disconnect before it makes the broker send the will.
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
        var patience = Options.KeepAlive * KeepAlivesForAcknowledgement;
        try
        {
            // Its own cancellation is told as a time-out.
            var result = await connection.Client.PublishAsync(Write(message), CancellationToken.None).WaitAsync(patience, _clock, cancellationToken);
            if (!result.IsSuccess)
                throw new MqttLinkException(MqttFailure.Refused, $"refused: {Describe(result.ReasonCode)}");
        }
        catch (TimeoutException e)
        {
            connection.Lose($"a message was not acknowledged in {patience.TotalSeconds:0} s");
            throw new MqttLinkException(MqttFailure.Lost, $"the broker did not acknowledge in {patience.TotalSeconds:0} s", e);
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

    /// <returns>Why the broker refused; null where it took us.</returns>
    private async Task<string?> ConnectAsync(IMqttClient client, CancellationToken cancellationToken)
    {
        // A host that takes the connection and stays silent must not hold us for ever.
        using var patience = new CancellationTokenSource(Options.KeepAlive, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        var certificate = new BrokerCertificate(Options);
        try
        {
            var result = await client.ConnectAsync(ConnectOptions(certificate), either.Token);
            if (result.ResultCode != MqttClientConnectResultCode.Success)
                return $"refused: {Describe(result.ResultCode)}";
            // MQTTnet says 0 where the broker said nothing, and leaves it to us to keep to it.
            Limit(result.ReceiveMaximum is > 0 and var places ? places : null, result.MaximumPacketSize is > 0 and var bytes ? bytes : null);

            foreach (var filter in Subscriptions.Select(s => s.Filter))
            {
                var subscribed = await client.SubscribeAsync(filter, MqttQualityOfServiceLevel.AtLeastOnce, either.Token);
                var granted = subscribed.Items.First().ResultCode;
                if (granted >= MqttClientSubscribeResultCode.UnspecifiedError)
                    SubscriptionRefused(filter, Describe(granted));
            }

            return null;
        }
        catch (Exception e) when (patience.IsCancellationRequested && e is OperationCanceledException or MqttCommunicationException)
        {
            return $"no answer in {Options.KeepAlive.TotalSeconds} s";
        }
        catch (MqttCommunicationException e)
        {
            return certificate.Fault ?? ConnectFailure.Describe(e, Options, certificate.IsTrusted);
        }
    }

    /// <summary>
    /// Asks the broker twice in a keep-alive whether it is there. The client asks too, but only where it has sent nothing itself, and by the wall clock: a broker
    /// that has fallen silent would stay unnoticed for as long as we publish, and a clock that is set back would keep us silent until the broker gives us up.
    /// </summary>
    private async Task KeepAliveAsync(Connection connection, CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(Options.KeepAlive / 2, _clock, cancellationToken);
            using var patience = new CancellationTokenSource(Options.KeepAlive, _clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
            try
            {
                await connection.Client.PingAsync(either.Token);
            }
            catch (Exception e) when (e is MqttCommunicationException or OperationCanceledException or ObjectDisposedException)
            {
                if (patience.IsCancellationRequested)
                    connection.Lose($"no answer in {Options.KeepAlive.TotalSeconds} s");
                // Else it is lost for another reason, which the client tells.
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
            // One write a message instead of two, at the price of a copy: a fifth more verdicts a second.
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
        // Private authorities seldom publish revocations.
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
        // That is also what a cut line is called.
        ?? (e.Reason == MqttClientDisconnectReason.NormalDisconnection ? "the connection was lost" : Describe(e.Reason));

    /// <returns>"not authorized" for NotAuthorized.</returns>
    private static string Describe(Enum code) => JsonNamingPolicy.SnakeCaseLower.ConvertName(code.ToString()).Replace('_', ' ');

    /// <summary>A connection and how it ends.</summary>
    private sealed class Connection(IMqttClient client)
    {
        private readonly TaskCompletionSource<string> _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public IMqttClient Client { get; } = client;

        /// <summary>Why, when it has ended.</summary>
        public Task<string> Lost => _lost.Task;

        public void Lose(string reason) => _lost.TrySetResult(reason);
    }
}
