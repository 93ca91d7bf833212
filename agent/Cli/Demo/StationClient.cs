using System.Collections.Concurrent;
using System.Text.Json;
using MrfAd.Contracts;
using MrfAd.Station.Mqtt;

namespace MrfAd.Cli.Demo;

/// <summary>A client on the line's side: sends triggers, receives verdicts and heatmaps.</summary>
public sealed class StationClient : IAsyncDisposable
{
    private readonly IMqttLink _link;
    private readonly StationTopics _topics;
    private readonly string _camera;
    private readonly TimeProvider _clock;
    private readonly TaskCompletionSource<bool> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentDictionary<string, TaskCompletionSource<(VerdictMessage Verdict, long At)>> _verdicts = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource<byte[]>> _heatmaps = new();

    /// <param name="link">A link that is not started yet; this object disposes of it.</param>
    public StationClient(IMqttLink link, StationTopics topics, string camera, TimeProvider clock)
    {
        (_link, _topics, _camera, _clock) = (link, topics, camera, clock);
        link.Subscribe(topics.State, OnState);
        link.Subscribe(topics.Verdict(camera), OnVerdict);
        link.Subscribe(topics.Heatmap(camera), OnHeatmap);
        link.Start();
    }

    /// <summary>Completes when the station accepts triggers.</summary>
    /// <exception cref="IOException">The station reports an error, or nothing within the timeout.</exception>
    public Task<bool> ReadyAsync(TimeSpan timeout, CancellationToken cancellationToken) =>
        WaitForAsync(_ready.Task, "the station's word that it is ready", timeout, cancellationToken);

    /// <summary>Triggers one part, then waits for its verdict and its heatmap.</summary>
    /// <param name="timeout">Maximum time to wait for the verdict, and again for the heatmap.</param>
    /// <exception cref="IOException">The trigger could not be sent, or no verdict or heatmap arrived within the timeout.</exception>
    public async Task<JudgedPart> JudgeAsync(DemoPart part, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var answer = _verdicts.GetOrAdd(part.Name, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
        var sent = _clock.GetTimestamp();
        var trigger = JsonSerializer.SerializeToUtf8Bytes(new TriggerCommand { Id = part.Name, Camera = _camera }, MessageJson.Default.TriggerCommand);
        try
        {
            await _link.PublishAsync(new MqttMessage(_topics.Command("trigger"), trigger) { ContentType = "application/json" }, cancellationToken);
        }
        catch (MqttLinkException e)
        {
            throw new IOException($"the trigger for '{part.Name}' did not reach the broker: {e.Message}", e);
        }

        var (verdict, at) = await WaitForAsync(answer.Task, $"a verdict for '{part.Name}'", timeout, cancellationToken);
        var heatmap = verdict.Score is null ? null
            : await WaitForAsync(HeatmapOf(verdict.Id.ToString()).Task, $"a heatmap for '{part.Name}'", timeout, cancellationToken);
        return new JudgedPart(part, verdict, heatmap, _clock.GetElapsedTime(sent, at));
    }

    public ValueTask DisposeAsync() => _link.DisposeAsync();

    private async Task<T> WaitForAsync<T>(Task<T> message, string what, TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            return await message.WaitAsync(timeout, _clock, cancellationToken);
        }
        catch (TimeoutException e)
        {
            throw new IOException($"waited {timeout.TotalSeconds:0} s in vain for {what}", e);
        }
    }

    private Task OnState(MqttMessage message, CancellationToken cancellationToken)
    {
        var state = JsonSerializer.Deserialize(message.Payload.Span, MessageJson.Default.StationStateMessage)!;
        if (state.State is StationState.Ready or StationState.Running)
            _ready.TrySetResult(true);
        else if (state.State is StationState.Error)
            _ready.TrySetException(new IOException($"the station cannot work: {state.Reason}"));
        return Task.CompletedTask;
    }

    private Task OnVerdict(MqttMessage message, CancellationToken cancellationToken)
    {
        var at = _clock.GetTimestamp();
        var verdict = JsonSerializer.Deserialize(message.Payload.Span, MessageJson.Default.VerdictMessage)!;
        // A verdict that arrives twice, or that another client asked for, has no waiter.
        if (_verdicts.TryGetValue(verdict.Trigger.Id, out var waiting))
            waiting.TrySetResult((verdict, at));
        return Task.CompletedTask;
    }

    private Task OnHeatmap(MqttMessage message, CancellationToken cancellationToken)
    {
        HeatmapOf(message.UserProperties.First(p => p.Key == "id").Value).TrySetResult(message.Payload.ToArray());
        return Task.CompletedTask;
    }

    private TaskCompletionSource<byte[]> HeatmapOf(string verdictId) =>
        _heatmaps.GetOrAdd(verdictId, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
}
