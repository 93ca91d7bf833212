using System.Text;
using System.Text.Json.Nodes;
using MrfAd.Station.Dashboard;
using MrfAd.Station.Mqtt;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Dashboard;

/// <summary>A page that watches, and a link that counts.</summary>
public sealed partial class PlantFeedTests
{
    /// <summary>A page that reads events as a browser would.</summary>
    private sealed class Page : IAsyncDisposable
    {
        private readonly PlantWatcher _watcher;
        private readonly CancellationTokenSource _closed = new();
        private readonly IAsyncEnumerator<PlantEvent> _events;
        private Task _reading = Task.CompletedTask;

        public Page(PlantWatcher watcher)
        {
            _watcher = watcher;
            _events = watcher.ReadAsync(_closed.Token).GetAsyncEnumerator(_closed.Token);
        }

        public int Verdicts { get; private set; }

        public async Task<PlantEvent> NextAsync()
        {
            var next = _events.MoveNextAsync().AsTask();
            _reading = next;
            Assert.True(await next.WaitAsync(TestTimeout.Value));
            if (Encoding.UTF8.GetString(_events.Current.Data).Contains("/verdict\"", StringComparison.Ordinal))
                Verdicts++;
            return _events.Current;
        }

        public async Task<JsonNode> NextAsync(string name)
        {
            while (true)
            {
                if (await NextAsync() is var e && e.Name == name)
                    return JsonNode.Parse(e.Data)!;
            }
        }

        /// <returns>The payload of the next event "fact" of a topic.</returns>
        public async Task<JsonNode> FactAsync(string topic)
        {
            while (true)
            {
                if (await NextAsync("fact") is var fact && (string?)fact["topic"] == topic)
                    return fact["payload"]!;
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _closed.CancelAsync();
            await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await _events.DisposeAsync();
            _watcher.Dispose();
            _closed.Dispose();
        }
    }

    /// <summary>A link of the broker in memory that can report the loss of its connection.</summary>
    private sealed class WatchedLink(IMqttLink link) : IMqttLink
    {
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public event Action<string?>? ConnectionChanged;

        public event Action<LinkProblems>? ProblemsChanged
        {
            add => link.ProblemsChanged += value;
            remove => link.ProblemsChanged -= value;
        }

        public event Action? RetryDue
        {
            add => link.RetryDue += value;
            remove => link.RetryDue -= value;
        }

        public Task Ended => _ended.Task;

        public bool IsConnected => link.IsConnected;

        public long ConnectionNumber => link.ConnectionNumber;

        public long MaximumPacketBytes => link.MaximumPacketBytes;

        public void RaiseConnectionChanged(string? reason) => ConnectionChanged?.Invoke(reason);

        public void Start()
        {
            link.Start();
            RaiseConnectionChanged(null);
        }

        public Task PublishAsync(MqttMessage message, CancellationToken cancellationToken) => link.PublishAsync(message, cancellationToken);

        public void Subscribe(string filter, Func<MqttMessage, CancellationToken, Task> handler, Func<MqttMessage, bool>? accept = null, bool isOptional = false) =>
            link.Subscribe(filter, handler, accept, isOptional);

        public async Task StopAsync(MqttMessage? lastMessage, CancellationToken cancellationToken)
        {
            await link.StopAsync(lastMessage, cancellationToken);
            _ended.TrySetResult();
        }

        public ValueTask DisposeAsync() => link.DisposeAsync();
    }
}
