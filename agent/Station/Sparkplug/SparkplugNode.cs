using System.Text.Json;
using System.Threading.Channels;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using MrfAd.Contracts;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Station.Reporting;
using MrfAd.Station.Runtime;
using MrfAd.Station.Sparkplug.Format;

namespace MrfAd.Station.Sparkplug;

/// <summary>
/// The Sparkplug B edge node: it publishes a birth after each connect, data for each verdict, and a new birth when a host asks for one; its death is the will
/// of the connection. It has a connection of its own, because a connection has only one will. Verdicts that are given while the broker is away are kept in
/// memory and published later as historical.
/// </summary>
/// <param name="open">Creates the link; its argument returns the will and is called before each attempt to connect.</param>
public sealed partial class SparkplugNode(
    SparkplugIdentity identity, DeathCounter deaths, Func<Func<MqttMessage?>, IMqttLink> open,
    VerdictEvents events, StationHealth health, MrfAdMeter meter, TimeProvider clock, ILogger<SparkplugNode> log) : Worker(health)
{
    // Some minutes at three verdicts a second; the outbox of the MQTT topics is the durable record.
    private const int MaxPending = 1000;

    // A connection that stalls is noticed within two keep-alive intervals; this limit stops a flood of commands.
    private const int MaxPendingSteps = 4096;

    // As long as the MQTT connection of the topics takes for its end.
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(5);

    private readonly StationHealth _health = health;
    private readonly Channel<Func<Task>> _steps = Channel.CreateUnbounded<Func<Task>>();
    private readonly Queue<VerdictMessage> _pending = new();
    private readonly Dictionary<string, VerdictMessage> _latest = new(StringComparer.Ordinal);
    private IMqttLink _link = null!;
    private bool _born;
    private bool _hostIsOnline = identity.PrimaryHost is null;
    private long _hostTimestamp;
    private byte _seq;

    /// <summary>Subscribes to verdicts.</summary>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        events.Reported += verdict => Post(() => OnVerdictAsync(verdict));
        events.Ended += () => _steps.Writer.TryComplete();
        return base.StartAsync(cancellationToken);
    }

    protected override async Task RunAsync(CancellationToken stopping)
    {
        Connect();
        // Runs until the last verdict, which comes after the stop.
        await foreach (var step in _steps.Reader.ReadAllAsync(CancellationToken.None))
            await step();
        await StopLinkAsync();
    }

    private void Post(Func<Task> step)
    {
        if (_steps.Reader.Count >= MaxPendingSteps)
            meter.PublishFailed("dropped");
        else
            _steps.Writer.TryWrite(step);
    }

    private void Connect()
    {
        _link = open(NextDeath);
        _health.Watch(_link, "sparkplug");
        _link.ConnectionChanged += reason => _steps.Writer.TryWrite(() => OnConnectionChangedAsync(reason));
        _link.Subscribe(identity.Topics.NodeCommand, (command, _) => Enqueue(() => OnCommandAsync(command)));
        if (identity.PrimaryHost is not null)
            _link.Subscribe(SparkplugTopics.State(identity.PrimaryHost), (state, _) => Enqueue(() => OnHostStateAsync(state)));
        _link.Start();

        Task Enqueue(Func<Task> step)
        {
            Post(step);
            return Task.CompletedTask;
        }
    }

    /// <summary>Publishes the death, which would otherwise be the will, and closes the connection.</summary>
    private async Task StopLinkAsync()
    {
        using var timeout = new CancellationTokenSource(StopTimeout, clock);
        await _link.StopAsync(_born ? Death() : null, timeout.Token);
        await _link.DisposeAsync();
        _born = false;
    }

    private Task OnConnectionChangedAsync(string? reason)
    {
        _health.Set("sparkplug", reason is null ? null : $"Sparkplug: {reason}");
        _born &= reason is null;
        // The host's state may arrive before the connection is known here; then the birth has been published already.
        return reason is null && !_born ? BirthAsync() : Task.CompletedTask;
    }

    private async Task OnHostStateAsync(MqttMessage message)
    {
        if (Read(message) is not { } state || state.Timestamp < _hostTimestamp)
            return;
        (_hostTimestamp, var was, _hostIsOnline) = (state.Timestamp, _hostIsOnline, state.Online);
        if (was == state.Online)
            return;
        LogHost(identity.PrimaryHost!, state.Online ? "online" : "offline");
        if (state.Online)
        {
            await BirthAsync();
            return;
        }

        // Without its primary host the node must be dead: it disconnects, connects again and waits for the host.
        await StopLinkAsync();
        Connect();
    }

    private async Task OnCommandAsync(MqttMessage message)
    {
        try
        {
            var wantsRebirth = Payload.Parser.ParseFrom(message.Payload.Span).Metrics.Any(m => m.Name == SparkplugMetrics.Rebirth && m.BooleanValue);
            if (wantsRebirth && _born)
                await BirthAsync();
            else if (!wantsRebirth)
                LogRefused($"there is no other command than '{SparkplugMetrics.Rebirth}' = true");
        }
        catch (InvalidProtocolBufferException e)
        {
            LogRefused(e.Message);
        }
    }

    private async Task OnVerdictAsync(VerdictMessage verdict)
    {
        _latest[verdict.Camera] = verdict;
        if (!_born || _pending.Count > 0 || !await SendAsync(verdict, historical: verdict.Historical))
            Keep(verdict);
    }

    /// <summary>Publishes the births of the node and its devices from sequence number 0 on, then the pending verdicts.</summary>
    private async Task BirthAsync()
    {
        if (!_hostIsOnline)
            return;
        _seq = 0;
        _born = await PublishAsync(identity.Topics.NodeBirth, [
            SparkplugMetrics.Death(deaths.Current), SparkplugMetrics.RebirthSwitch(), SparkplugMetrics.Text("Properties/agent_version", identity.Version)]);
        foreach (var device in identity.Devices)
            _born = _born && await PublishAsync(identity.Topics.DeviceBirth(device), SparkplugMetrics.Of(_latest.GetValueOrDefault(device), historical: false, clock.GetUtcNow()));
        while (_born && _pending.TryPeek(out var verdict) && await SendAsync(verdict, historical: true))
            _pending.Dequeue();
    }

    private void Keep(VerdictMessage verdict)
    {
        _pending.Enqueue(verdict);
        if (_pending.Count <= MaxPending)
            return;
        _pending.Dequeue();
        meter.PublishFailed("dropped");
    }

    private Task<bool> SendAsync(VerdictMessage verdict, bool historical) =>
        PublishAsync(identity.Topics.DeviceData(verdict.Camera), SparkplugMetrics.Of(verdict, historical, clock.GetUtcNow()));

    /// <returns>False where the connection is lost; a message that the broker refuses counts as sent.</returns>
    private async Task<bool> PublishAsync(string topic, IEnumerable<Metric> metrics)
    {
        var payload = new Payload { Timestamp = Now(), Seq = _seq, Metrics = { metrics } };
        try
        {
            await _link.PublishAsync(new MqttMessage(topic, payload.ToByteArray()) { Qos = 0 }, CancellationToken.None);
            _seq++;
            return true;
        }
        catch (MqttLinkException e)
        {
            meter.PublishFailed(MetricLabel.Of(e.Failure));
            LogFailed(e.Message);
            _born &= e.IsRefusal;
            return _born;
        }
    }

    /// <summary>Returns the will of the connection that is about to be made.</summary>
    private MqttMessage NextDeath()
    {
        try
        {
            deaths.Advance();
        }
        catch (IOException e)
        {
            LogNotKept(e.Message);
        }

        return Death();
    }

    private MqttMessage Death() =>
        new(identity.Topics.NodeDeath, new Payload { Timestamp = Now(), Metrics = { SparkplugMetrics.Death(deaths.Current) } }.ToByteArray());

    private HostState? Read(MqttMessage message)
    {
        try
        {
            return JsonSerializer.Deserialize<HostState>(message.Payload.Span);
        }
        catch (JsonException e)
        {
            LogRefused($"the state of {identity.PrimaryHost} is no state: {e.Message}");
            return null;
        }
    }

    private ulong Now() => (ulong)clock.GetUtcNow().ToUnixTimeMilliseconds();

    [LoggerMessage(700, LogLevel.Warning, "Sparkplug: {Why}")]
    private partial void LogFailed(string why);

    [LoggerMessage(701, LogLevel.Warning, "Sparkplug: a message was refused: {Why}")]
    private partial void LogRefused(string why);

    [LoggerMessage(702, LogLevel.Warning, "Sparkplug: bdSeq was not kept for the next start: {Why}")]
    private partial void LogNotKept(string why);

    [LoggerMessage(703, LogLevel.Information, "Sparkplug: the primary host {Host} is {State}")]
    private partial void LogHost(string host, string state);
}
