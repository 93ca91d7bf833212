using MrfAd.Cli.Terminal;
using MrfAd.Station.Gpio;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;

namespace MrfAd.Cli.Collecting;

/// <summary>Runs a collection: the folder, what triggers, the camera, the page and the terminal.</summary>
/// <param name="link">Makes the link to the broker, not started yet; null where nothing comes over MQTT.</param>
public sealed class CollectRun(CollectOptions options, Func<IMqttLink>? link, TimeProvider clock)
{
    // Nothing waits for these at the end but the person.
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(1);

    // A terminal that does not know its width.
    private const int DefaultWidth = 80;

    /// <summary>Collects until there are enough pictures, the source ends, or this is cancelled; then says what comes next.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="IOException">The camera cannot be opened, or the folder cannot be written.</exception>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var isTerminal = !Console.IsInputRedirected;
        var folder = new CollectFolder(options.Folder, clock);
        var hint = options.Hint(isTerminal);
        var progress = new CollectProgress(options, folder, hint);
        var view = new CollectView(progress, Console.Error, Console.IsErrorRedirected ? null : Console.BufferWidth is > 0 and var width ? width : DefaultWidth);
        var requests = new PictureRequests(progress, clock);
        using var collector = new Collector(options, folder, progress, requests.Reader, clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);

        await using var server = options.HasServer ? await new CollectPage(options, folder, progress, requests).StartAsync(options.Port, options.HasPage) : null;
        await using var broker = link?.Invoke();
        view.Line($"{options.CameraName} → {folder.Good}{(folder.Before == 0 ? "" : $", where {folder.Before} were before")}");
        if (server is not null)
            view.Line(options.HasPage ? $"newest picture and flagged ones: {server.Urls.First()}/" : $"serving {server.Urls.First()}/inspect");
        Connect(broker, requests, collector);
        var firing = requests.RunAsync(() => FireAsync(requests, isTerminal, stop), stop.Token);
        string? ended = null;
        try
        {
            ended = await collector.RunAsync(stop.Token);
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAny(firing, Task.Delay(StopTimeout, clock, CancellationToken.None));
            view.End();
            if (ended is not null)
                view.Line(ended);
            if (progress.Status().Newest is not null)
                WriteSummary(folder, progress);
        }

        return ExitCodeOf(progress, ended);
    }

    private static void WriteSummary(CollectFolder folder, CollectProgress progress)
    {
        foreach (var line in CollectSummary.Lines(folder, progress))
            Console.WriteLine(line);
    }

    /// <returns>The code of failure where fewer pictures were taken than wanted although nobody has stopped it, or none at all.</returns>
    private int ExitCodeOf(CollectProgress progress, string? ended)
    {
        var status = progress.Status();
        if (status.Newest is null)
            Console.Error.WriteLine("mrfad: no picture was taken");
        return status.Newest is null || (ended is not null && options.Count is { } count && status.Taken < count) ? ExitCode.Failed : ExitCode.Done;
    }

    private void Connect(IMqttLink? broker, PictureRequests requests, Collector collector)
    {
        if (broker is null)
            return;
        requests.Subscribe(broker, options.TriggerTopic is null ? SourceAddress.Parse(options.Camera.Source).Place : null, options.TriggerTopic);
        broker.ConnectionChanged += why => collector.Report(why is null ? null : $"broker: {why}");
        broker.ProblemsChanged += problems =>
        {
            if (problems.Refusal is { } refusal)
                collector.Report($"broker: {refusal}");
        };
        broker.Start();
    }

    private Task FireAsync(PictureRequests requests, bool isTerminal, CancellationTokenSource stop) => options.Trigger switch
    {
        CollectTrigger.Key when isTerminal => requests.FireByKeyAsync(stop.Cancel, stop.Token),
        CollectTrigger.Key => requests.FireByLineAsync(Console.In, stop.Token),
        CollectTrigger.Interval => requests.FireByClockAsync(options.Camera.Interval, stop.Token),
        CollectTrigger.Gpio => requests.FireByGpioAsync(new GpioCharacterDevice(), options.Camera.TriggerLine!, stop.Token),
        _ => Task.CompletedTask,
    };
}
