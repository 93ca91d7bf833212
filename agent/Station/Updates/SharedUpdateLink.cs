using MrfAd.Station.Mqtt;

namespace MrfAd.Station.Updates;

/// <summary>One connection for the updates of all products: the first exchange starts it, the last one closes it. Fifty products must not be fifty connections.</summary>
/// <param name="link">A link that is not started yet; this object owns it.</param>
/// <param name="users">The number of exchanges, each of which starts and disposes this once.</param>
internal sealed class SharedUpdateLink(IMqttLink link, int users) : IMqttLink
{
    private int _started, _open = users;

    public event Action<string?>? ConnectionChanged
    {
        add => link.ConnectionChanged += value;
        remove => link.ConnectionChanged -= value;
    }

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

    public bool IsConnected => link.IsConnected;

    public long ConnectionNumber => link.ConnectionNumber;

    public long MaximumPacketBytes => link.MaximumPacketBytes;

    public void Start()
    {
        if (Interlocked.Exchange(ref _started, 1) == 0)
            link.Start();
    }

    public Task PublishAsync(MqttMessage message, CancellationToken cancellationToken) => link.PublishAsync(message, cancellationToken);

    public void Subscribe(string filter, Func<MqttMessage, CancellationToken, Task> handler, Func<MqttMessage, bool>? accept = null, bool isOptional = false) =>
        link.Subscribe(filter, handler, accept, isOptional);

    public Task StopAsync(MqttMessage? lastMessage, CancellationToken cancellationToken) => link.StopAsync(lastMessage, cancellationToken);

    public ValueTask DisposeAsync() => Interlocked.Decrement(ref _open) == 0 ? link.DisposeAsync() : ValueTask.CompletedTask;
}
