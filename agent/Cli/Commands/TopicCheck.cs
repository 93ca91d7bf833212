using System.Collections.Concurrent;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using MrfAd.Contracts;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Station.Sparkplug;

namespace MrfAd.Cli.Commands;

/// <summary>
/// Tries each topic that a station needs at its broker: publishes an empty message, which no consumer acts on, and subscribes. Under MQTT 3.1.1, where a broker
/// acknowledges also what it refuses, each message must come back. While the station is online nothing is published: its own state says what is refused.
/// </summary>
/// <remarks>Topics on which an empty message would mean something are not published to: those of Home Assistant, Sparkplug, image cameras and offers.</remarks>
public sealed class TopicCheck(StationOptions options, TimeProvider clock)
{
    // A message comes back right after its acknowledgement; a broker under load may need longer.
    private static readonly TimeSpan EchoTimeout = TimeSpan.FromSeconds(5);

    // The retained status comes with the answer to its subscription.
    private static readonly TimeSpan RetainedDelay = TimeSpan.FromMilliseconds(250);

    private readonly StationTopics _topics = new(options.Site, options.Line, options.Station);
    private readonly ConcurrentDictionary<string, bool> _received = new(StringComparer.Ordinal);
    private readonly Channel<string> _arrived = Channel.CreateUnbounded<string>();
    private readonly List<string> _faults = [];
    private volatile bool _isOnline;

    private bool IsMqtt5 => options.Mqtt.Protocol == MqttProtocol.Mqtt5;

    /// <summary>The topics that the station publishes, as far as an empty message on them is harmless.</summary>
    public IReadOnlyList<string> Published { get; } = [.. PublishedBy(options)];

    /// <summary>The filters that the station subscribes to.</summary>
    public IReadOnlyList<string> Subscribed { get; } = [.. SubscribedBy(options)];

    /// <summary>True where the station was online, as far as its status may be read.</summary>
    public bool IsOnline => _isOnline;

    /// <param name="mqtt">The options of the connection, with a client id of its own.</param>
    /// <returns>One sentence that says what was tried.</returns>
    /// <exception cref="MqttLinkException">The broker cannot be reached, or refuses a topic; the text names each with the reason.</exception>
    public async Task<string> RunAsync(MqttOptions mqtt, CancellationToken stop)
    {
        await using var link = new MqttNetLink(mqtt, will: null, clock, NullLogger.Instance);
        using var connection = new SemaphoreSlim(0);
        var problems = LinkProblems.None;
        link.ProblemsChanged += now => problems = now;
        link.ConnectionChanged += reason =>
        {
            if (reason is null)
                connection.Release();
        };
        Subscribe(link);
        link.Start();
        await connection.WaitAsync(stop);
        await Task.Delay(RetainedDelay, clock, stop);

        // This link subscribes as the station does.
        foreach (var refused in problems.Refused.Where(t => t.IsSubscription))
            _faults.Add($"the subscription to '{refused.Topic}': {refused.Reason}");
        var tried = _isOnline ? "the station is online, so nothing was published: its state says what the broker refuses" : await PublishAllAsync(link, connection, stop);
        await link.StopAsync(null, stop);
        return _faults.Count == 0
            ? $"{Subscribed.Count} subscriptions are granted; {tried}"
            : throw new MqttLinkException(MqttFailure.Denied, $"the broker refuses {string.Join("; ", _faults)}");
    }

    private void Subscribe(MqttNetLink link)
    {
        link.Subscribe(_topics.Status, (_, _) => Task.CompletedTask, Note, isOptional: true);
        foreach (var filter in Subscribed)
            link.Subscribe(filter, (_, _) => Task.CompletedTask, Note);
        if (IsMqtt5)
            return;
        foreach (var topic in Published.Where(t => t != _topics.Status))
            link.Subscribe(topic, (_, _) => Task.CompletedTask, Note, isOptional: true);
    }

    /// <summary>Notes a message that has arrived; a retained one tells whether the station is online.</summary>
    private bool Note(MqttMessage message)
    {
        if (message.Retain && message.Topic == _topics.Status)
            _isOnline = SaysOnline(message.Payload);
        else if (!message.Retain && _received.TryAdd(message.Topic, true))
            _arrived.Writer.TryWrite(message.Topic);
        return false;
    }

    private async Task<string> PublishAllAsync(MqttNetLink link, SemaphoreSlim connection, CancellationToken stop)
    {
        List<string> taken = [];
        foreach (var topic in Published)
        {
            if (await TryPublishAsync(link, topic, connection, stop) is { } refusal)
                _faults.Add($"messages on '{topic}': {refusal}");
            else
                taken.Add(topic);
        }

        // Without a response topic this command does nothing.
        var command = _topics.Command("state");
        var commandIsTaken = _faults.Count == 0 && await TryPublishAsync(link, command, connection, stop) is null;
        List<string> expected = [.. IsMqtt5 ? [] : taken, .. commandIsTaken ? [command] : (string[])[]];
        using var timeout = new CancellationTokenSource(EchoTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stop);
        try
        {
            while (!expected.TrueForAll(_received.ContainsKey))
                await _arrived.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            // What has not come back by now is reported below.
        }

        var commandsArrive = _received.ContainsKey(command);
        if (!commandsArrive && commandIsTaken && IsMqtt5)
            _faults.Add($"to deliver '{_topics.Command("+")}': it grants the subscription, but a command that it took did not arrive");
        if (!IsMqtt5)
            _faults.AddRange(taken.Where(t => !_received.ContainsKey(t)).Select(t => $"messages on '{t}': none came back, and MQTT 3.1.1 does not say why (the station must be allowed to publish it, and for this check to read it)"));
        return $"messages on {taken.Count} topics are taken{(IsMqtt5 ? "" : " and come back")}; {(commandsArrive ? "commands arrive" : "whether commands arrive could not be tried, as the station itself may not send one")}";
    }

    /// <returns>Why the broker does not take messages on the topic; null where it does, as far as it says.</returns>
    private static async Task<string?> TryPublishAsync(MqttNetLink link, string topic, SemaphoreSlim connection, CancellationToken stop)
    {
        try
        {
            await link.PublishAsync(new MqttMessage(topic, ReadOnlyMemory<byte>.Empty), stop);
            return null;
        }
        catch (MqttLinkException e) when (e.Failure is MqttFailure.Lost or MqttFailure.NotConnected)
        {
            // Some brokers disconnect a client that publishes what it may not.
            await connection.WaitAsync(stop);
            return "it closed the connection";
        }
        catch (MqttLinkException e)
        {
            return e.InnerException?.Message ?? e.Message;
        }
    }

    private static bool SaysOnline(ReadOnlyMemory<byte> status)
    {
        try
        {
            return JsonSerializer.Deserialize(status.Span, MessageJson.Default.StatusMessage) is { Status: Presence.Online };
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static IEnumerable<string> PublishedBy(StationOptions options)
    {
        var topics = new StationTopics(options.Site, options.Line, options.Station);
        foreach (var topic in (string[])[topics.Status, topics.State, topics.Outbox])
            yield return topic;
        if (options.Parts.Views.Count > 0)
            yield return topics.Part;
        foreach (var camera in options.Cameras)
        {
            yield return topics.Verdict(camera.Name);
            if (camera.Heatmap.Publish != PublishWhen.Never)
                yield return topics.Heatmap(camera.Name);
            if (camera.Frame.Publish != PublishWhen.Never)
                yield return topics.Frame(camera.Name);
            yield return topics.Snapshot(camera.Name);
        }

        foreach (var detector in Detectors(options, topics))
        {
            yield return detector.Bank;
            if (options.Updates.GoldenFolder is not null)
                yield return detector.SelfTest;
            if (options.Updates.TrustedKeys.Count == 0)
                continue;
            yield return detector.UpdateWant;
            yield return detector.UpdateRefusal;
        }
    }

    private static IEnumerable<string> SubscribedBy(StationOptions options)
    {
        var topics = new StationTopics(options.Site, options.Line, options.Station);
        yield return topics.Command("+");
        foreach (var camera in options.Cameras)
        {
            // As one of a shared subscription this check would take images away from the stations.
            if (SourceAddress.Parse(camera.Source) is { Kind: SourceKind.Mqtt } address)
                yield return TopicFilter.WithoutShare(address.Place);
        }

        if (options.Sparkplug.Enabled)
            yield return SparkplugTopics.Of(options).NodeCommand;
        if (options.Sparkplug is { Enabled: true, PrimaryHost: { } host })
            yield return SparkplugTopics.State(host);
        if (options.Updates.TrustedKeys.Count == 0)
            yield break;
        foreach (var detector in Detectors(options, topics))
        {
            yield return detector.UpdateOffer;
            yield return detector.UpdateChunk("+", "+");
        }
    }

    /// <summary>Returns the topics of the station's detector and of those that belong to a camera or a product.</summary>
    private static IEnumerable<StationTopics> Detectors(StationOptions options, StationTopics topics) =>
        ConfiguredDetector.Of(options).Select(d => topics.ForDetectorOf(d.Product, d.Camera));
}
