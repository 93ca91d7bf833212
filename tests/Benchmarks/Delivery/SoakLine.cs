using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using MrfAd.Contracts;
using MrfAd.Station.Mqtt;

namespace MrfAd.Benchmarks.Delivery;

/// <summary>Triggers parts, several at a time; sends a trigger again, with the same id, until it is acknowledged and has a verdict.</summary>
public sealed class SoakLine : IAsyncDisposable
{
    // Maximum number of parts in flight, less than the camera's queue holds.
    public const int AtOnce = 16;

    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(50);

    // The agent restarts in one or two seconds.
    private static readonly TimeSpan VerdictTimeout = TimeSpan.FromSeconds(5);

    private readonly IMqttLink _link;
    private readonly StationTopics _topics;
    private readonly SoakListener _listener;
    private readonly TimeProvider _clock;
    private readonly Func<string, string?> _productOf;
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _waiting = new(StringComparer.Ordinal);
    private int _unacknowledged;
    private int _unanswered;

    /// <param name="link">A link that is not started yet; this object disposes of it.</param>
    /// <param name="productOf">Returns the product that the trigger of a part chooses; null for none. Without it no trigger chooses one.</param>
    public SoakLine(IMqttLink link, StationTopics topics, SoakListener listener, TimeProvider clock, Func<string, string?>? productOf = null)
    {
        (_link, _topics, _listener, _productOf, _clock) = (link, topics, listener, productOf ?? (_ => null), clock);
        listener.VerdictReceived += verdict =>
        {
            if (_waiting.TryRemove(verdict.Trigger.Id, out var waiting))
                waiting.TrySetResult();
        };
        link.Start();
    }

    /// <summary>Number of triggers sent again because the broker had not acknowledged them.</summary>
    public int Unacknowledged => _unacknowledged;

    /// <summary>Number of triggers sent again because no verdict came: the broker had acknowledged and lost them, or their verdict.</summary>
    public int Unanswered => _unanswered;

    public static string PartId(int part) => part.ToString("part-00000", CultureInfo.InvariantCulture);

    /// <summary>Completes when each part has its verdict.</summary>
    /// <param name="mayGo">Delays a part until a disturbance is over.</param>
    public async Task RunAsync(int parts, Func<int, Task> mayGo, CancellationToken cancellationToken) => await Parallel.ForEachAsync(
        Enumerable.Range(1, parts),
        new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
        async (part, stop) =>
        {
            await mayGo(part).WaitAsync(stop);
            await InspectAsync(PartId(part), stop);
        });

    public ValueTask DisposeAsync() => _link.DisposeAsync();

    private async Task InspectAsync(string id, CancellationToken cancellationToken)
    {
        var verdict = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[id] = verdict;
        await SendAsync(id, cancellationToken);
        while (!_listener.Has(id))
        {
            try
            {
                await verdict.Task.WaitAsync(VerdictTimeout, _clock, cancellationToken);
            }
            catch (TimeoutException)
            {
                _listener.Asked(id);
                Interlocked.Increment(ref _unanswered);
                await SendAsync(id, cancellationToken);
            }
        }
    }

    private async Task SendAsync(string id, CancellationToken cancellationToken)
    {
        var trigger = JsonSerializer.SerializeToUtf8Bytes(new TriggerCommand { Id = id, Product = _productOf(id) }, MessageJson.Default.TriggerCommand);
        while (true)
        {
            try
            {
                await _link.PublishAsync(new MqttMessage(_topics.Command("trigger"), trigger), cancellationToken);
                return;
            }
            catch (MqttLinkException)
            {
                // The broker may have passed it on all the same, and lost its verdict, which then comes once more.
                _listener.Asked(id);
                Interlocked.Increment(ref _unacknowledged);
                await Task.Delay(RetryDelay, _clock, cancellationToken);
            }
        }
    }
}
