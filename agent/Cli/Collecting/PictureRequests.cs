using System.Text.Json;
using System.Threading.Channels;
using MrfAd.Contracts;
using MrfAd.Station.Capture;
using MrfAd.Station.Gpio;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;

namespace MrfAd.Cli.Collecting;

/// <summary>Makes a request for a picture at each key, tick, edge or message.</summary>
public sealed class PictureRequests(CollectProgress progress, TimeProvider clock)
{
    // As many as a camera's queue would hold twice over; a part whose trigger finds it full is told.
    private const int MaxWaiting = 8;

    private static readonly TimeSpan KeyPoll = TimeSpan.FromMilliseconds(30), EdgeTimeout = TimeSpan.FromMilliseconds(200);

    private readonly Channel<PictureRequest> _channel = Channel.CreateBounded<PictureRequest>(MaxWaiting);

    /// <summary>The requests, in order.</summary>
    public ChannelReader<PictureRequest> Reader => _channel.Reader;

    /// <summary>Runs what makes requests; where it fails, the reader of the requests gets the error.</summary>
    public async Task RunAsync(Func<Task> fire, CancellationToken stop)
    {
        try
        {
            await fire();
        }
        catch (Exception e) when (e is not OperationCanceledException || !stop.IsCancellationRequested)
        {
            _channel.Writer.TryComplete(e);
        }
        catch (OperationCanceledException)
        {
            // The collection has ended.
        }
    }

    /// <summary>Makes a request; where too many wait, it is left out and told.</summary>
    public bool Fire(PictureRequest request)
    {
        var isTaken = _channel.Writer.TryWrite(request);
        if (!isTaken)
            progress.Tell("a trigger was left out: pictures are not taken as fast as that");
        return isTaken;
    }

    /// <summary>Makes a request for each key, until Q or Escape.</summary>
    /// <param name="quit">Called at these two.</param>
    public async Task FireByKeyAsync(Action quit, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            // A blocking read would leave the terminal without echo at the end.
            while (Console.KeyAvailable)
            {
                if (Console.ReadKey(intercept: true).Key is ConsoleKey.Q or ConsoleKey.Escape)
                {
                    quit();
                    return;
                }

                Fire(new PictureRequest(null));
            }

            await Task.Delay(KeyPoll, clock, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Makes a request for each line, until the input ends.</summary>
    public async Task FireByLineAsync(TextReader input, CancellationToken stop)
    {
        // A read of the console blocks its thread, also where it is asked not to.
        while (await Task.Run(input.ReadLine, CancellationToken.None).WaitAsync(stop) is not null)
            await _channel.Writer.WriteAsync(new PictureRequest(null), stop);
        _channel.Writer.TryComplete();
    }

    /// <summary>Makes a request at once and at each tick. A tick while the picture before is not taken yet is left out.</summary>
    public async Task FireByClockAsync(TimeSpan interval, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(interval, clock);
        do
        {
            if (_channel.Reader.Count == 0)
                _channel.Writer.TryWrite(new PictureRequest(null));
        }
        while (await timer.WaitForNextTickAsync(stop));
    }

    /// <summary>Makes a request for each rising edge, on a thread of its own.</summary>
    /// <exception cref="GpioException">There is no such line, or another program uses it.</exception>
    public Task FireByGpioAsync(IGpio gpio, string address, CancellationToken stop)
    {
        var line = gpio.OpenInput(GpioAddress.Parse(address));
        return Task.Factory.StartNew(
            () =>
            {
                using (line)
                {
                    while (!stop.IsCancellationRequested)
                    {
                        if (line.WaitForEdge(EdgeTimeout))
                            Fire(new PictureRequest(null));
                    }
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
    }

    /// <summary>Subscribes to what triggers by MQTT: the images of a topic, or the triggers of a station. To be called before the link starts.</summary>
    /// <param name="topic">The topic of the images; null where the camera takes its own.</param>
    /// <param name="triggers">The topic of the station's triggers.</param>
    public void Subscribe(IMqttLink link, string? topic, string? triggers)
    {
        if (topic is not null)
            link.Subscribe(topic, TakeImageAsync);
        else
            link.Subscribe(triggers!, TakeTriggerAsync);
    }

    private async Task TakeImageAsync(MqttMessage message, CancellationToken stop)
    {
        if (message.Retain)
            progress.Tell($"an image that the broker retained on {message.Topic} is not taken: it may be an old one");
        else
            await _channel.Writer.WriteAsync(new PictureRequest(new SentFrame(message.Payload, message.Topic)), stop);
    }

    private Task TakeTriggerAsync(MqttMessage message, CancellationToken stop)
    {
        try
        {
            // The same payloads as a station takes; those that it refuses take no picture here either.
            if (!message.Payload.IsEmpty)
                JsonSerializer.Deserialize(message.Payload.Span, MessageJson.Default.TriggerCommand);
            Fire(new PictureRequest(null));
        }
        catch (JsonException e)
        {
            progress.Tell($"a trigger on {message.Topic} cannot be read: {e.Message}");
        }

        return Task.CompletedTask;
    }
}
