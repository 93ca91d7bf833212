using System.Collections.Concurrent;
using MrfAd.Station.Mqtt;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Reporting;

/// <summary>A link to a broker in memory, connected or not as the test decides.</summary>
public sealed class FakeLink : IMqttLink
{
    private readonly ConcurrentQueue<MqttMessage> _published = new();
    private readonly SemaphoreSlim _arrived = new(0);
    private readonly List<TaskCompletionSource> _onTheirWay = [];
    private Func<MqttMessage, bool>? _accept;
    private int _taken;
    private int _failed;

    public event Action<string?>? ConnectionChanged;

    public event Action<LinkProblems>? ProblemsChanged;

    public event Action? RetryDue;

    public bool IsConnected { get; private set; }

    public long ConnectionNumber { get; private set; }

    public bool IsSubscribed => _accept is not null;

    public long MaximumPacketBytes { get; set; } = long.MaxValue;

    /// <summary>The failures of the next messages, in order; those that are lost are on their way until the last of them is.</summary>
    public Queue<MqttFailure> Failures { get; } = new();

    /// <summary>The failures of all messages on a topic, until they are removed.</summary>
    public ConcurrentDictionary<string, MqttFailure> Refused { get; } = new();

    /// <summary>Answers a message that the broker got; null where it acknowledges each at once.</summary>
    public Func<MqttMessage, Task>? Answer { get; set; }

    /// <summary>The number of messages that have failed.</summary>
    public int FailureCount => Volatile.Read(ref _failed);

    public IReadOnlyList<MqttMessage> Published => [.. _published];

    public void Connect()
    {
        IsConnected = true;
        ConnectionNumber++;
        ConnectionChanged?.Invoke(null);
    }

    public void Lose(string why)
    {
        IsConnected = false;
        ConnectionChanged?.Invoke(why);
    }

    public void SetProblems(LinkProblems problems) => ProblemsChanged?.Invoke(problems);

    public void RaiseRetryDue() => RetryDue?.Invoke();

    /// <summary>Returns the published messages one after the other; waits for the next one.</summary>
    public async Task<MqttMessage> NextAsync()
    {
        Assert.True(await _arrived.WaitAsync(TestTimeout.Value), "no message came");
        return _published.ElementAt(_taken++);
    }

    public void Start()
    {
    }

    public Task PublishAsync(MqttMessage message, CancellationToken cancellationToken)
    {
        if (!IsConnected || (message.ConnectionNumber ?? ConnectionNumber) != ConnectionNumber)
            throw new MqttLinkException(MqttFailure.NotConnected, "no connection");
        if (Failures.TryDequeue(out var failure) || Refused.TryGetValue(message.Topic, out failure))
        {
            Interlocked.Increment(ref _failed);
            return failure == MqttFailure.Lost ? LoseAsync() : throw new MqttLinkException(failure, $"{failure}");
        }

        _published.Enqueue(message);
        _arrived.Release();
        return Answer?.Invoke(message) ?? Task.CompletedTask;
    }

    private Task LoseAsync()
    {
        var lost = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _onTheirWay.Add(lost);
        if (Failures.Count > 0)
            return lost.Task;
        _onTheirWay.ForEach(message => message.SetException(new MqttLinkException(MqttFailure.Lost, "lost")));
        _onTheirWay.Clear();
        return lost.Task;
    }

    /// <summary>Stores the subscription; one is enough here.</summary>
    public void Subscribe(string filter, Func<MqttMessage, CancellationToken, Task> handler, Func<MqttMessage, bool>? accept = null, bool isOptional = false) => _accept = accept;

    /// <summary>Receives a message from the broker, which its subscriber accepts before it is acknowledged.</summary>
    public void Receive(MqttMessage message) => _accept!(message);

    public Task StopAsync(MqttMessage? lastMessage, CancellationToken cancellationToken) => Task.CompletedTask;

    public ValueTask DisposeAsync()
    {
        _arrived.Dispose();
        return ValueTask.CompletedTask;
    }
}
