using MrfAd.Station.Runtime;

namespace MrfAd.Station.Mqtt;

/// <summary>The connection to the broker, to wait for and as a part of the station's health.</summary>
public sealed class BrokerConnection
{
    private readonly IMqttLink _link;
    private readonly Lock _lock = new();
    private TaskCompletionSource _connected = Pending();

    /// <summary>Raised after each connect.</summary>
    public event Action? Connected;

    /// <inheritdoc cref="IMqttLink.RetryDue"/>
    public event Action? RetryDue;

    public BrokerConnection(IMqttLink link, StationHealth health)
    {
        _link = link;
        health.Set("broker", "no connection to the broker yet");
        health.Watch(link, "broker");
        link.RetryDue += () => RetryDue?.Invoke();
        link.ConnectionChanged += reason =>
        {
            lock (_lock)
            {
                if (reason is null)
                    _connected.TrySetResult();
                else if (_connected.Task.IsCompleted)
                    _connected = Pending();
            }

            health.Set("broker", reason);
            if (reason is null)
                Connected?.Invoke();
        };
    }

    /// <summary>The link to the broker.</summary>
    public IMqttLink Link => _link;

    public bool IsConnected => _link.IsConnected;

    /// <summary>Completes when the broker is connected.</summary>
    /// <returns>The number of the connection.</returns>
    public async Task<long> WaitAsync(CancellationToken cancellationToken)
    {
        Task connected;
        lock (_lock)
            connected = _connected.Task;
        await connected.WaitAsync(cancellationToken);
        return _link.ConnectionNumber;
    }

    private static TaskCompletionSource Pending() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
