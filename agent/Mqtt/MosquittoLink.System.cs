using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace MrfAd.Agent.Mqtt;

/// <summary>
/// The link over libmosquitto. Each connection has a client of its own and a thread that runs its loop; the client dies
/// with the connection, so that nothing it queued surfaces later.
/// </summary>
public sealed unsafe partial class MosquittoLink(MqttOptions options, Func<MqttMessage?>? will, TimeProvider clock, ILogger logger)
    : ReconnectingLink(options, clock, logger)
{
    // The loop wakes for all traffic; only dropping a connection waits for this.
    private const int LoopMilliseconds = 250;

    private readonly ILogger _logger = logger;
    private readonly Lock _lock = new();
    private readonly Dictionary<int, TaskCompletionSource> _unacknowledged = [];
    private readonly Dictionary<int, string> _unansweredFilters = [];
    private Task<string> _serving = Task.FromResult("");
    private nint _client;
    private string? _lostBecause;

    // What the library logged as failed while it connected: it says more of TLS than its codes do.
    private string? _error;

    private bool IsMqtt5 => Options.Protocol == MqttProtocol.Mqtt5;

    private bool KeepsSession => Options.SessionExpiry > TimeSpan.Zero;

    protected override Task<string> ServeOneConnectionAsync(CancellationToken cancellationToken)
    {
        _serving = Task.Factory.StartNew(() => Serve(cancellationToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        // A connect to a host that does not answer blocks for minutes: a stop leaves that thread to end by itself.
        return _serving.WaitAsync(cancellationToken);
    }

    protected override Task SendAsync(MqttMessage message, CancellationToken cancellationToken)
    {
        var acknowledged = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var properties = IsMqtt5 ? MosquittoProperties.Write(message) : 0;
        try
        {
            // The acknowledgement may arrive before Publish returns: it waits for this lock.
            lock (_lock)
            {
                if (_client == 0)
                    throw new MqttLinkException(MqttFailure.NotConnected, "the connection was lost");
                fixed (byte* payload = message.Payload.Span)
                {
                    var code = LibMosquitto.Publish(_client, out var id, message.Topic, message.Payload.Length, payload, message.Qos, message.Retain, properties);
                    Check(code);
                    _unacknowledged[id] = acknowledged;
                }
            }
        }
        finally
        {
            LibMosquitto.FreeProperties(ref properties);
        }

        return acknowledged.Task.WaitAsync(cancellationToken);
    }

    protected override Task DisconnectAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_client != 0)
                Check(LibMosquitto.Disconnect(_client, reason: 0, properties: 0));
        }

        return _serving.WaitAsync(cancellationToken);
    }

    private string Serve(CancellationToken stop)
    {
        var self = GCHandle.Alloc(this);
        var client = LibMosquitto.New(Options.ClientId.Length == 0 ? null : Options.ClientId, cleanSession: !KeepsSession, GCHandle.ToIntPtr(self));
        try
        {
            Configure(client);
            lock (_lock)
                _client = client;
            return Run(client, stop);
        }
        finally
        {
            Bury(client);
            self.Free();
        }
    }

    private void Configure(nint client)
    {
        Check(LibMosquitto.SetOption(client, LibMosquitto.Option.ProtocolVersion, IsMqtt5 ? LibMosquitto.Mqtt5 : LibMosquitto.Mqtt311));
        Check(LibMosquitto.SetOption(client, LibMosquitto.Option.TcpNoDelay, 1));
        Check(LibMosquitto.SetThreaded(client, true));
        if (Options.Username is not null)
            Check(LibMosquitto.SetCredentials(client, Options.Username, ReadPassword()));
        if (Options.Tls.Enabled)
            SetTls(client);
        if (will?.Invoke() is { } message)
            SetWill(client, message);
        LibMosquitto.OnLog(client, &OnLog);
        LibMosquitto.OnConnect(client, &OnConnect);
        LibMosquitto.OnDisconnect(client, &OnDisconnect);
        LibMosquitto.OnPublish(client, &OnPublish);
        LibMosquitto.OnSubscribe(client, &OnSubscribe);
        LibMosquitto.OnMessage(client, &OnMessage);
    }

    private void SetTls(nint client)
    {
        var context = OpenSsl.NewContext(Options.Tls, Options.Host);
        try
        {
            Check(LibMosquitto.SetPointer(client, LibMosquitto.Option.SslContext, context));
            Check(LibMosquitto.SetOption(client, LibMosquitto.Option.SslContextWithDefaults, 0));
        }
        finally
        {
            OpenSsl.Free(context);
        }
    }

    private void SetWill(nint client, MqttMessage message)
    {
        var properties = IsMqtt5 ? MosquittoProperties.Write(message) : 0;
        fixed (byte* payload = message.Payload.Span)
        {
            var code = LibMosquitto.SetWill(client, message.Topic, message.Payload.Length, payload, message.Qos, message.Retain, properties);
            if (code != LibMosquitto.Success)
                LibMosquitto.FreeProperties(ref properties);
            Check(code);
        }
    }

    private string Run(nint client, CancellationToken stop)
    {
        (_lostBecause, _error) = (null, null);
        var code = Connect(client);
        while (code == LibMosquitto.Success && !stop.IsCancellationRequested)
            code = LibMosquitto.Loop(client, LoopMilliseconds, maxPackets: 1);
        return _error ?? _lostBecause ?? LibMosquitto.Describe(code, Marshal.GetLastPInvokeError());
    }

    private int Connect(nint client)
    {
        nint properties = 0;
        try
        {
            if (IsMqtt5 && KeepsSession)
                Check(LibMosquitto.AddNumber(ref properties, LibMosquitto.Property.SessionExpiryInterval, (uint)Options.SessionExpiry.TotalSeconds));
            return LibMosquitto.Connect(client, Options.Host, Options.Port, (int)Options.KeepAlive.TotalSeconds, bindAddress: 0, properties);
        }
        finally
        {
            LibMosquitto.FreeProperties(ref properties);
        }
    }

    /// <summary>Without a disconnect before it, the broker sends the will.</summary>
    private void Bury(nint client)
    {
        lock (_lock)
        {
            _client = 0;
            foreach (var acknowledged in _unacknowledged.Values)
                acknowledged.TrySetException(new MqttLinkException(MqttFailure.Lost, "the connection was lost before the broker acknowledged"));
            _unacknowledged.Clear();
        }

        _unansweredFilters.Clear();
        LibMosquitto.Destroy(client);
    }

    private void Accepted(nint client, nint properties)
    {
        _error = null;
        Limit(
            LibMosquitto.ReadShort(properties, LibMosquitto.Property.ReceiveMaximum, out var places, skipFirst: false) == 0 ? null : places,
            LibMosquitto.ReadNumber(properties, LibMosquitto.Property.MaximumPacketSize, out var bytes, skipFirst: false) == 0 ? null : bytes);
        foreach (var filter in Subscriptions.Select(s => s.Filter))
        {
            var code = LibMosquitto.Subscribe(client, out var id, filter, qos: 1, options: 0, properties: 0);
            if (code == LibMosquitto.Success)
                _unansweredFilters[id] = filter;
            else
                SubscriptionRefused(filter, LibMosquitto.Describe(code));
        }

        if (_unansweredFilters.Count == 0)
            Established();
    }

    private void Subscribed(int id, int granted)
    {
        if (_unansweredFilters.Remove(id, out var filter) && granted >= LibMosquitto.FirstRefusal)
            SubscriptionRefused(filter, LibMosquitto.Describe(granted));
        if (_unansweredFilters.Count == 0)
            Established();
    }

    private void Published(int id, int reason)
    {
        TaskCompletionSource? acknowledged;
        lock (_lock)
        {
            if (!_unacknowledged.Remove(id, out acknowledged))
                return;
        }

        if (reason < LibMosquitto.FirstRefusal)
            acknowledged.TrySetResult();
        else
            acknowledged.TrySetException(new MqttLinkException(MqttFailure.Refused, $"refused: {LibMosquitto.Describe(reason)}"));
    }

    private static void Check(int code)
    {
        if (code != LibMosquitto.Success)
            throw new MqttLinkException(code == LibMosquitto.NoConnection ? MqttFailure.NotConnected : MqttFailure.Refused, LibMosquitto.Describe(code));
    }

    // Called by the library on the thread of the loop. Nothing may escape them: that would end the process.
    [UnmanagedCallersOnly]
    private static void OnConnect(nint client, nint state, int reason, int flags, nint properties) => Guard(state, link =>
    {
        if (reason == 0)
            link.Accepted(client, properties);
        else
            link._lostBecause = $"refused: {(link.IsMqtt5 ? LibMosquitto.Describe(reason) : LibMosquitto.DescribeRefusal(reason))}";
    });

    [UnmanagedCallersOnly]
    private static void OnLog(nint client, nint state, int level, nint text)
    {
        if (level == LibMosquitto.LogError)
            Guard(state, link => link._error = Marshal.PtrToStringUTF8(text));
    }

    [UnmanagedCallersOnly]
    private static void OnDisconnect(nint client, nint state, int reason, nint properties) =>
        Guard(state, link => link._lostBecause ??= LibMosquitto.Describe(reason));

    [UnmanagedCallersOnly]
    private static void OnPublish(nint client, nint state, int id, int reason, nint properties) =>
        Guard(state, link => link.Published(id, reason));

    [UnmanagedCallersOnly]
    private static void OnSubscribe(nint client, nint state, int id, int count, int* granted, nint properties)
    {
        var first = *granted;
        Guard(state, link => link.Subscribed(id, first));
    }

    [UnmanagedCallersOnly]
    private static void OnMessage(nint client, nint state, LibMosquitto.Message* message, nint properties)
    {
        var at = (nint)message;
        Guard(state, link => link.Received(MosquittoProperties.Read(Copy((LibMosquitto.Message*)at), properties)));
    }

    private static MqttMessage Copy(LibMosquitto.Message* message) =>
        new(Marshal.PtrToStringUTF8(message->Topic)!, new ReadOnlySpan<byte>(message->Payload, message->PayloadLength).ToArray())
        {
            Qos = message->Qos,
            Retain = message->Retain != 0,
        };

    private static void Guard(nint state, Action<MosquittoLink> callback)
    {
        var link = (MosquittoLink)GCHandle.FromIntPtr(state).Target!;
        try
        {
            callback(link);
        }
        catch (Exception e)
        {
            CallbackFailed(link._logger, e);
        }
    }

    [LoggerMessage(EventId = 520, Level = LogLevel.Error, Message = "a callback of libmosquitto failed")]
    private static partial void CallbackFailed(ILogger logger, Exception exception);
}
