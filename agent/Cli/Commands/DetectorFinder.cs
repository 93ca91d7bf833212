using System.Text.Json;
using MrfAd.Contracts;
using MrfAd.Station.Mqtt;

namespace MrfAd.Cli.Commands;

/// <summary>Finds the detector that judges a camera's frames, the station's default one or the camera's own, from the retained message of each detector.</summary>
internal sealed class DetectorFinder
{
    // The retained messages of all detectors arrive within this time after the first.
    private static readonly TimeSpan RetainedTimeout = TimeSpan.FromSeconds(2), NoticeDelay = TimeSpan.FromSeconds(5);

    private readonly IMqttLink _link;
    private readonly StationTopics _topics;
    private readonly TimeProvider _clock;
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<StationTopics> _found = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SortedSet<string> _cameras = new(StringComparer.Ordinal);
    private readonly string? _camera;

    /// <param name="link">A link that is not started yet.</param>
    /// <param name="camera">The camera's name; null for the station's default detector.</param>
    public DetectorFinder(IMqttLink link, StationTopics topics, string? camera, TimeProvider clock)
    {
        (_link, _topics, _camera, _clock) = (link, topics, camera, clock);
        link.Subscribe(topics.Bank, (message, _) => OnBank(message, topics));
        link.Subscribe($"{topics.Root}/+/bank", (message, _) => OnBank(message, null));
    }

    /// <param name="report">Receives a message for the user if no answer arrives for some seconds.</param>
    /// <returns>The topics of the detector.</returns>
    /// <exception cref="IOException">The station has no such camera; the text lists those it has.</exception>
    public async Task<StationTopics> FindAsync(Action<string> report, CancellationToken cancellationToken)
    {
        _link.Start();
        if (!await InTimeAsync(_first.Task, NoticeDelay, cancellationToken))
        {
            report($"{_topics.Root} has said nothing of its banks yet; waiting");
            await _first.Task.WaitAsync(cancellationToken);
        }

        if (await InTimeAsync(_found.Task, RetainedTimeout, cancellationToken))
            return await _found.Task;
        lock (_cameras)
            throw new IOException($"{_topics.Root} has no camera '{_camera}': want one of {string.Join(", ", _cameras)}");
    }

    private async Task<bool> InTimeAsync(Task task, TimeSpan timeout, CancellationToken cancellationToken)
    {
        await Task.WhenAny(task, Task.Delay(timeout, _clock, cancellationToken));
        cancellationToken.ThrowIfCancellationRequested();
        return task.IsCompleted;
    }

    /// <param name="detector">The topics of the detector that sent the message; null if a camera's own detector sent it: its topics follow from the first camera in the message.</param>
    private Task OnBank(MqttMessage message, StationTopics? detector)
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
            // Not a message of a station.
        }

        return Task.CompletedTask;
    }
}
