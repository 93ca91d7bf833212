using System.Text.Json;
using MrfAd.Contracts;
using MrfAd.Station.Mqtt;

namespace MrfAd.Cli.Commands;

/// <summary>Which detector of a station judges a camera's frames: the station's, or one that cameras have of their own. It retains what it says of each.</summary>
internal sealed class DetectorFinder
{
    // After the first of them all have come.
    private static readonly TimeSpan Together = TimeSpan.FromSeconds(2), Long = TimeSpan.FromSeconds(5);

    private readonly IMqttLink _link;
    private readonly StationTopics _topics;
    private readonly TimeProvider _clock;
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<StationTopics> _found = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SortedSet<string> _cameras = new(StringComparer.Ordinal);
    private readonly string? _camera;

    /// <param name="link">Not yet started.</param>
    /// <param name="camera">Null: the station's own detector is wanted.</param>
    public DetectorFinder(IMqttLink link, StationTopics topics, string? camera, TimeProvider clock)
    {
        (_link, _topics, _camera, _clock) = (link, topics, camera, clock);
        link.Subscribe(topics.Bank, (message, _) => Hear(message, topics));
        link.Subscribe($"{topics.Root}/+/bank", (message, _) => Hear(message, null));
    }

    /// <param name="say">Told when it takes long.</param>
    /// <returns>The topics of that detector.</returns>
    /// <exception cref="IOException">The station has no such camera; the text says which it has.</exception>
    public async Task<StationTopics> FindAsync(Action<string> say, CancellationToken cancellationToken)
    {
        _link.Start();
        if (!await InTimeAsync(_first.Task, Long, cancellationToken))
        {
            say($"{_topics.Root} has said nothing of its banks yet; waiting");
            await _first.Task.WaitAsync(cancellationToken);
        }

        if (await InTimeAsync(_found.Task, Together, cancellationToken))
            return await _found.Task;
        lock (_cameras)
            throw new IOException($"{_topics.Root} has no camera '{_camera}': want one of {string.Join(", ", _cameras)}");
    }

    private async Task<bool> InTimeAsync(Task task, TimeSpan patience, CancellationToken cancellationToken)
    {
        await Task.WhenAny(task, Task.Delay(patience, _clock, cancellationToken));
        cancellationToken.ThrowIfCancellationRequested();
        return task.IsCompleted;
    }

    /// <param name="detector">Null: the camera's own, which has its first camera's name.</param>
    private Task Hear(MqttMessage message, StationTopics? detector)
    {
        try
        {
            if (JsonSerializer.Deserialize(message.Payload.Span, MessageJson.Default.BankMessage) is { } bank)
            {
                lock (_cameras)
                    _cameras.UnionWith(bank.Cameras);
                if (_camera is null ? detector is not null : bank.Cameras.Contains(_camera))
                    _found.TrySetResult(detector ?? _topics.ForDetectorOf(bank.Cameras[0]));
                _first.TrySetResult();
            }
        }
        catch (JsonException)
        {
            // Nothing the station says.
        }

        return Task.CompletedTask;
    }
}
