using System.Collections.Concurrent;
using MrfAd.Agent.Mqtt;

namespace MrfAd.Agent.Tests.Reporting;

/// <summary>A broker in memory, there or away as the test says.</summary>
public sealed class FakeLink : IMqttLink
{
    private readonly ConcurrentQueue<MqttMessage> _published = new();
    private readonly SemaphoreSlim _arrived = new(0);

    public event Action<string?>? ConnectionChanged;

    public bool IsConnected { get; private set; }

    public long MaximumPacketBytes { get; set; } = long.MaxValue;

    /// <summary>How the next messages fail.</summary>
    public Queue<MqttFailure> Failures { get; } = new();

    public IReadOnlyList<MqttMessage> Published => [.. _published];

    public void Connect()
    {
        IsConnected = true;
        ConnectionChanged?.Invoke(null);
    }

    public void Lose(string why)
    {
        IsConnected = false;
        ConnectionChanged?.Invoke(why);
    }

    /// <summary>Waits for one more message.</summary>
    public async Task<MqttMessage> NextAsync()
    {
        Assert.True(await _arrived.WaitAsync(TimeSpan.FromSeconds(20)), "no message came");
        return _published.Last();
    }

    public void Start()
    {
    }

    public Task PublishAsync(MqttMessage message, CancellationToken cancellationToken)
    {
        if (!IsConnected)
            throw new MqttLinkException(MqttFailure.NotConnected, "no connection");
        if (Failures.TryDequeue(out var failure))
            throw new MqttLinkException(failure, $"{failure}");

        _published.Enqueue(message);
        _arrived.Release();
        return Task.CompletedTask;
    }

    public void Subscribe(string filter, Func<MqttMessage, CancellationToken, Task> handler, Func<MqttMessage, bool>? accept = null)
    {
    }

    public Task StopAsync(MqttMessage? farewell, CancellationToken cancellationToken) => Task.CompletedTask;

    public ValueTask DisposeAsync()
    {
        _arrived.Dispose();
        return ValueTask.CompletedTask;
    }
}
