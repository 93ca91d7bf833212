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
/// The edge node: birth after each connect, a death as the will, data for each verdict, a new birth when a host asks for one. It has a connection of its
/// own, for a connection has one will. Verdicts given while it is away wait in memory and go out as historical.
/// </summary>
/// <param name="open">Makes the link; the will is asked for before each attempt to connect.</param>
public sealed partial class SparkplugNode(
    SparkplugIdentity identity, DeathCounter deaths, Func<Func<MqttMessage?>, IMqttLink> open,
    VerdictEvents events, StationHealth health, MrfAdMeter meter, TimeProvider clock, ILogger<SparkplugNode> log) : Worker(health)
{
    // Some minutes at three verdicts a second; the durable record is the other face's.
    private const int Waiting = 1000;

    // A line that stalls is noticed within two keep-alives; a flood of commands ends here.
    private const int NewsAhead = 4096;

    // As long as the other face takes for its good-bye.
    private static readonly TimeSpan FarewellTime = TimeSpan.FromSeconds(5);

    private readonly StationHealth _health = health;
    private readonly Channel<Func<Task>> _news = Channel.CreateUnbounded<Func<Task>>();
    private readonly Queue<VerdictMessage> _waiting = new();
    private readonly Dictionary<string, VerdictMessage> _latest = new(StringComparer.Ordinal);
    private IMqttLink _link = null!;
    private bool _born;
    private bool _hostIsOnline = identity.PrimaryHost is null;
    private long _hostTold;
    private byte _seq;

    /// <summary>Hears of every verdict from now on.</summary>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        events.Reported += verdict => Post(() => TellAsync(verdict));
        events.Ended += () => _news.Writer.TryComplete();
        return base.StartAsync(cancellationToken);
    }

    protected override async Task RunAsync(CancellationToken stopping)
    {
        Connect();
        // Until the last verdict, which comes after the stop.
        await foreach (var step in _news.Reader.ReadAllAsync(CancellationToken.None))
            await step();
        await LeaveAsync();
    }

    private void Post(Func<Task> step)
    {
        if (_news.Reader.Count >= NewsAhead)
            meter.PublishFailed("dropped");
        else
            _news.Writer.TryWrite(step);
    }

    private void Connect()
    {
        _link = open(NextDeath);
        _link.ConnectionChanged += reason => _news.Writer.TryWrite(() => ConnectionChangedAsync(reason));
        _link.Subscribe(identity.Topics.NodeCommand, (command, _) => Hand(() => CommandAsync(command)));
        if (identity.PrimaryHost is not null)
            _link.Subscribe(SparkplugTopics.State(identity.PrimaryHost), (state, _) => Hand(() => HostAsync(state)));
        _link.Start();

        Task Hand(Func<Task> step)
        {
            Post(step);
            return Task.CompletedTask;
        }
    }

    /// <summary>Says farewell with the death that would otherwise be the will.</summary>
    private async Task LeaveAsync()
    {
        using var patience = new CancellationTokenSource(FarewellTime, clock);
        await _link.StopAsync(_born ? Death() : null, patience.Token);
        await _link.DisposeAsync();
        _born = false;
    }

    private Task ConnectionChangedAsync(string? reason)
    {
        _health.Set("sparkplug", reason is null ? null : $"Sparkplug: {reason}");
        _born &= reason is null;
        // The host's state may be heard before the connection is known here: then the birth has been.
        return reason is null && !_born ? BirthAsync() : Task.CompletedTask;
    }

    private async Task HostAsync(MqttMessage message)
    {
        if (Read(message) is not { } state || state.Timestamp < _hostTold)
            return;
        (_hostTold, var was, _hostIsOnline) = (state.Timestamp, _hostIsOnline, state.Online);
        if (was == state.Online)
            return;
        LogHost(identity.PrimaryHost!, state.Online ? "online" : "offline");
        if (state.Online)
        {
            await BirthAsync();
            return;
        }

        // Without its host the node is dead: it leaves, comes back and waits.
        await LeaveAsync();
        Connect();
    }

    private async Task CommandAsync(MqttMessage message)
    {
        try
        {
            var asked = Payload.Parser.ParseFrom(message.Payload.Span).Metrics.Any(m => m.Name == SparkplugMetrics.Rebirth && m.BooleanValue);
            if (asked && _born)
                await BirthAsync();
            else if (!asked)
                LogRefused($"there is no other command than '{SparkplugMetrics.Rebirth}' = true");
        }
        catch (InvalidProtocolBufferException e)
        {
            LogRefused(e.Message);
        }
    }

    private async Task TellAsync(VerdictMessage verdict)
    {
        _latest[verdict.Camera] = verdict;
        if (!_born || _waiting.Count > 0 || !await SendAsync(verdict, historical: verdict.Historical))
            Keep(verdict);
    }

    /// <summary>Births of the node and its devices, in order from sequence number 0, then what has waited.</summary>
    private async Task BirthAsync()
    {
        if (!_hostIsOnline)
            return;
        _seq = 0;
        _born = await PublishAsync(identity.Topics.NodeBirth, [
            SparkplugMetrics.Death(deaths.Current), SparkplugMetrics.RebirthSwitch(), SparkplugMetrics.Text("Properties/agent_version", identity.Version)]);
        foreach (var device in identity.Devices)
            _born = _born && await PublishAsync(identity.Topics.DeviceBirth(device), SparkplugMetrics.Of(_latest.GetValueOrDefault(device), historical: false, clock.GetUtcNow()));
        while (_born && _waiting.TryPeek(out var verdict) && await SendAsync(verdict, historical: true))
            _waiting.Dequeue();
    }

    private void Keep(VerdictMessage verdict)
    {
        _waiting.Enqueue(verdict);
        if (_waiting.Count <= Waiting)
            return;
        _waiting.Dequeue();
        meter.PublishFailed("dropped");
    }

    private Task<bool> SendAsync(VerdictMessage verdict, bool historical) =>
        PublishAsync(identity.Topics.DeviceData(verdict.Camera), SparkplugMetrics.Of(verdict, historical, clock.GetUtcNow()));

    /// <returns>False where the connection is gone; what the broker refuses counts as sent.</returns>
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
            _born &= e.Failure == MqttFailure.Refused;
            return _born;
        }
    }

    /// <summary>The will of the connection that is about to be made.</summary>
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
