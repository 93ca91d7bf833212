using System.Text.Json;
using MrfAd.Contracts;
using MrfAd.Station.Mqtt;

namespace MrfAd.Cli.Commands;

/// <summary>Finds the detector that judges a camera's frames, the default one or the camera's own, of a product where the station has products, from the retained message of each detector.</summary>
internal sealed class DetectorFinder
{
    // The retained messages of all detectors arrive within this time after the first.
    private static readonly TimeSpan RetainedTimeout = TimeSpan.FromSeconds(2), NoticeDelay = TimeSpan.FromSeconds(5);

    private readonly IMqttLink _link;
    private readonly StationTopics _topics;
    private readonly TimeProvider _clock;
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<StationTopics> _found = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SortedSet<string> _cameras = new(StringComparer.Ordinal), _products = new(StringComparer.Ordinal);
    private readonly string? _product, _camera;

    /// <param name="link">A link that is not started yet.</param>
    /// <param name="product">The product's name; null for a station without products.</param>
    /// <param name="camera">The camera's name; null for the station's or the product's default detector.</param>
    public DetectorFinder(IMqttLink link, StationTopics topics, string? product, string? camera, TimeProvider clock)
    {
        (_link, _topics, _product, _camera, _clock) = (link, topics, product, camera, clock);
        foreach (var filter in (string[])[topics.Bank, $"{topics.Root}/+/bank", $"{topics.Root}/product/+/bank", $"{topics.Root}/product/+/+/bank"])
            link.Subscribe(filter, (message, _) => OnBank(message));
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
            throw new IOException(_product is null && _products.Count > 0 ? $"{_topics.Root} has products: want --product with one of {string.Join(", ", _products)}"
                : _product is not null && !_products.Contains(_product) ? $"{_topics.Root} has no product '{_product}'{(_products.Count == 0 ? "" : $": want one of {string.Join(", ", _products)}")}"
                : _camera is null ? $"each camera of {_topics.Root} has a model of its own: want --camera with one of {string.Join(", ", _cameras)}"
                : $"{_topics.Root} has no camera '{_camera}': want one of {string.Join(", ", _cameras)}");
    }

    private async Task<bool> InTimeAsync(Task task, TimeSpan timeout, CancellationToken cancellationToken)
    {
        await Task.WhenAny(task, Task.Delay(timeout, _clock, cancellationToken));
        cancellationToken.ThrowIfCancellationRequested();
        return task.IsCompleted;
    }

    private Task OnBank(MqttMessage message)
    {
        try
        {
            if (JsonSerializer.Deserialize(message.Payload.Span, MessageJson.Default.BankMessage) is not { } bank)
                return Task.CompletedTask;
            // The topics of a detector of cameras of its own follow from the first of them.
            var isOwn = message.Topic == _topics.ForDetectorOf(bank.Product, null).Bank;
            lock (_cameras)
            {
                if (bank.Product is { } product)
                    _products.Add(product);
                if (bank.Product == _product)
                    _cameras.UnionWith(bank.Cameras);
            }

            if (bank.Product == _product && (_camera is null ? isOwn : bank.Cameras.Contains(_camera)))
                _found.TrySetResult(_topics.ForDetectorOf(bank.Product, isOwn ? null : bank.Cameras[0]));
            _first.TrySetResult();
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            // Not a message of a station.
        }

        return Task.CompletedTask;
    }
}
