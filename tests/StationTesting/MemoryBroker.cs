using System.Threading.Channels;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;

namespace MrfAd.Testing;

/// <summary>A broker in memory whose links are always connected: each message goes to all subscribers, in order.</summary>
public sealed class MemoryBroker
{
    private readonly Lock _lock = new();
    private readonly List<Link> _links = [];
    private readonly Dictionary<string, MqttMessage> _retained = [];

    /// <summary>Called for each message; returns the message to deliver, or null to drop it.</summary>
    public Func<MqttMessage, MqttMessage?> Passing { get; set; } = m => m;

    public IMqttLink Connect() => new Link(this);

    private void Add(Link link)
    {
        lock (_lock)
        {
            _links.Add(link);
            foreach (var message in _retained.Values)
                link.Receive(message);
        }
    }

    private void Publish(MqttMessage message)
    {
        lock (_lock)
        {
            if (Passing(message with { Payload = message.Payload.ToArray() }) is not { } passed)
                return;
            if (passed.Retain)
                _retained[passed.Topic] = passed;
            foreach (var link in _links)
                link.Receive(passed with { Retain = false });
        }
    }

    private sealed class Link(MemoryBroker broker) : IMqttLink
    {
        private readonly List<(string Filter, Func<MqttMessage, bool>? Accept, Channel<MqttMessage> Messages, Func<MqttMessage, CancellationToken, Task> Handler)> _subscriptions = [];

        public event Action<string?>? ConnectionChanged;

        /// <summary>Never raised: this broker refuses nothing by itself.</summary>
        public event Action<LinkProblems>? ProblemsChanged
        {
            add { }
            remove { }
        }

        /// <inheritdoc cref="ProblemsChanged"/>
        public event Action? RetryDue
        {
            add { }
            remove { }
        }

        public bool IsConnected { get; private set; }

        public long ConnectionNumber => IsConnected ? 1 : 0;

        public long MaximumPacketBytes => long.MaxValue;

        public void Start()
        {
            IsConnected = true;
            foreach (var (_, _, messages, handler) in _subscriptions)
                _ = Task.Run(async () =>
                {
                    await foreach (var message in messages.Reader.ReadAllAsync())
                        await handler(message, CancellationToken.None);
                });
            broker.Add(this);
            ConnectionChanged?.Invoke(null);
        }

        public Task PublishAsync(MqttMessage message, CancellationToken cancellationToken)
        {
            if (!IsConnected)
                throw new MqttLinkException(MqttFailure.NotConnected, "not started");
            broker.Publish(message);
            return Task.CompletedTask;
        }

        public void Subscribe(string filter, Func<MqttMessage, CancellationToken, Task> handler, Func<MqttMessage, bool>? accept = null, bool isOptional = false) =>
            _subscriptions.Add((filter, accept, Channel.CreateUnbounded<MqttMessage>(), handler));

        public void Receive(MqttMessage message)
        {
            foreach (var (filter, accept, messages, _) in _subscriptions)
            {
                if (TopicFilter.Matches(filter, message.Topic) && accept?.Invoke(message) != false)
                    messages.Writer.TryWrite(message);
            }
        }

        public Task StopAsync(MqttMessage? lastMessage, CancellationToken cancellationToken) => DisposeAsync().AsTask();

        public ValueTask DisposeAsync()
        {
            IsConnected = false;
            lock (broker._lock)
                broker._links.Remove(this);
            foreach (var (_, _, messages, _) in _subscriptions)
                messages.Writer.TryComplete();
            return ValueTask.CompletedTask;
        }
    }
}
