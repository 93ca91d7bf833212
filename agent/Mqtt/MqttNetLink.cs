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

namespace MrfAd.Agent.Mqtt;

/// <summary>The link over MQTTnet. Each connection has a client of its own.</summary>
public sealed class MqttNetLink(MqttOptions options, Func<MqttMessage?>? will, TimeProvider clock, ILogger logger)
    : ReconnectingLink(options, clock, logger)
{
    private readonly TimeProvider _clock = clock;
    private volatile IMqttClient? _client;

    private bool IsMqtt5 => Options.Protocol == MqttProtocol.Mqtt5;

    protected override async Task<string> ServeOneConnectionAsync(CancellationToken cancellationToken)
    {
        // Disposing without a disconnect before it makes the broker send the will.
        using var client = new MqttClientFactory().CreateMqttClient();
        var lost = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        client.DisconnectedAsync += e =>
        {
            lost.TrySetResult(Describe(e));
            return Task.CompletedTask;
        };
        client.ApplicationMessageReceivedAsync += e =>
        {
            Received(Read(e.ApplicationMessage));
            return Task.CompletedTask;
        };

        try
        {
            if (await ConnectAsync(client, cancellationToken) is { } refusal)
                return refusal;
            _client = client;
            Established();
            return await lost.Task.WaitAsync(cancellationToken);
        }
        catch (MqttCommunicationException e)
        {
            return e.GetBaseException().Message;
        }
        finally
        {
            _client = null;
        }
    }

    protected override async Task SendAsync(MqttMessage message, CancellationToken cancellationToken)
    {
        var client = _client ?? throw new MqttLinkException(MqttFailure.NotConnected, "the connection was lost");
        try
        {
            // Its own cancellation is told as a time-out.
            var result = await client.PublishAsync(Write(message), CancellationToken.None).WaitAsync(cancellationToken);
            if (!result.IsSuccess)
                throw new MqttLinkException(MqttFailure.Refused, $"refused: {Describe(result.ReasonCode)}");
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
        _client?.DisconnectAsync(new MqttClientDisconnectOptions(), cancellationToken) ?? Task.CompletedTask;

    /// <returns>Why the broker refused; null where it took us.</returns>
    private async Task<string?> ConnectAsync(IMqttClient client, CancellationToken cancellationToken)
    {
        // A host that takes the connection and stays silent must not hold us for ever.
        using var patience = new CancellationTokenSource(Options.KeepAlive, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            var result = await client.ConnectAsync(ConnectOptions(), either.Token);
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
    }

    private MqttClientOptions ConnectOptions()
    {
        var builder = new MqttClientOptionsBuilder()
            .WithTcpServer(Options.Host, Options.Port)
            .WithProtocolVersion(IsMqtt5 ? MqttProtocolVersion.V500 : MqttProtocolVersion.V311)
            .WithCleanStart(Options.SessionExpiry == TimeSpan.Zero)
            .WithClientId(Options.ClientId)
            .WithKeepAlivePeriod(Options.KeepAlive)
            .WithTimeout(Options.KeepAlive);
        if (IsMqtt5)
            builder.WithSessionExpiryInterval((uint)Options.SessionExpiry.TotalSeconds);
        if (IsMqtt5 && Options.LargestReceivedBytes is { } largest)
            builder.WithMaximumPacketSize((uint)largest);
        if (Options.Tls.Enabled)
            builder.WithTlsOptions(Secure);
        if (Options.Username is not null)
            builder.WithCredentials(Options.Username, ReadPassword());
        if (will?.Invoke() is { } message)
            AddWill(builder, message);
        return builder.Build();
    }

    private void Secure(MqttClientTlsOptionsBuilder tls)
    {
        // Private authorities seldom publish revocations; OpenSSL asks for none either.
        tls.UseTls().WithTargetHost(Options.Tls.ServerName ?? Options.Host).WithRevocationMode(X509RevocationMode.NoCheck);
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
}
