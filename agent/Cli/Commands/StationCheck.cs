using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using MrfAd.Engine.Verdicts;
using MrfAd.Station.Capture;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Station.Sources;

namespace MrfAd.Cli.Commands;

/// <summary>Tries each thing that a station needs, once, without running it.</summary>
/// <param name="openInspector">Opens a detector.</param>
public sealed class StationCheck(StationOptions options, Func<DetectorOptions, IInspector> openInspector, TimeProvider clock)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // A camera on the network may take some seconds to its first frame; one that does not answer is told of after ten.
    private static readonly TimeSpan CameraPatience = TimeSpan.FromSeconds(25);

    /// <returns>One result each, as they come.</returns>
    public async IAsyncEnumerable<CheckResult> RunAsync()
    {
        yield return RuntimeCheck.Images();
        foreach (var result in RuntimeCheck.Run([.. options.Cameras.Select(c => (c.Detector ?? options.Detector).Provider).Distinct()]))
            yield return result;
        foreach (var used in options.Cameras.GroupBy(c => c.Detector ?? options.Detector))
            yield return await TryAsync(used.Key == options.Detector ? "detector" : $"detector of {string.Join(", ", used.Select(c => c.Name))}", _ => Task.FromResult(Detector(used.Key)));
        foreach (var camera in options.Cameras)
            yield return await TryAsync($"camera {camera.Name}", stop => CameraAsync(camera, stop), CameraPatience);
        if (options.Mqtt.Tls.Enabled)
        {
            yield return await TryAsync("tls files", _ => Task.FromResult(TlsFiles.Check(options.Mqtt.Tls, clock.GetUtcNow())));
            yield return await TryAsync("tls broker", stop => TlsProbe.InspectAsync(options.Mqtt, stop));
        }

        yield return await TryAsync("broker", BrokerAsync);
        yield return await TryAsync("http", _ => Task.FromResult(Http()));
    }

    private string Detector(DetectorOptions detector)
    {
        using var inspector = openInspector(detector);
        var info = inspector.Info;
        return $"bank {info.BankId} version {info.BankVersion}, encoder {info.EncoderId}, threshold {info.Threshold:0.###}";
    }

    private async Task<string> CameraAsync(CameraOptions camera, CancellationToken stop)
    {
        if (camera.FramesAreSent)
            return "its frames are sent to it";
        // It would be opened again for ever: the first reason is enough.
        var problem = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        // Nobody is at its line: a software trigger shows as much.
        using var source = FrameSources.Open(camera with { Trigger = camera.Trigger == TriggerMode.Line ? TriggerMode.Mqtt : camera.Trigger }, clock, Told, (_, _) => { });
        if (SourceAddress.Parse(camera.Source).Watch)
            return "the folder is watched";
        var next = source.NextAsync(stop).AsTask();
        if (await Task.WhenAny(next, problem.Task) == problem.Task)
            throw new CameraLostException(await problem.Task);
        try
        {
            if (await next is not { } frame)
                throw new IOException($"{Credentials.Masked(camera.Source)} has no frames");
            using (frame.Image)
                return $"{frame.Source}: {frame.Image}";
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException("no frame came");
        }

        void Told(string? why)
        {
            if (why is not null)
                problem.TrySetResult(why);
        }
    }

    private async Task<string> BrokerAsync(CancellationToken stop)
    {
        // A name of its own: a broker throws out the older of two clients of one name, and the station may be running.
        var mqtt = options.Mqtt with { ClientId = $"mrfad-check-{Guid.NewGuid():N}", SessionExpiry = TimeSpan.Zero };
        await using var link = new MqttNetLink(mqtt, will: null, clock, NullLogger.Instance);
        var connected = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        link.ConnectionChanged += reason => connected.TrySetResult(reason);
        link.Start();
        if (await connected.Task.WaitAsync(stop) is { } reason)
            throw new MqttLinkException(MqttFailure.NotConnected, reason);
        await link.StopAsync(null, stop);
        return $"{mqtt.Host}:{mqtt.Port} accepts us";
    }

    private string Http()
    {
        var place = new IPEndPoint(IPAddress.Parse(options.Http.Address), options.Http.Port);
        using var listener = new TcpListener(place);
        listener.Start();
        return place.Port == 0 ? $"{place.Address}, any free port" : $"{place} is free";
    }

    private async Task<CheckResult> TryAsync(string name, Func<CancellationToken, Task<string>> check, TimeSpan? patience = null)
    {
        var start = clock.GetTimestamp();
        using var stop = new CancellationTokenSource(patience ?? Patience, clock);
        var (ok, detail) = await OutcomeAsync(check, stop.Token);
        return new CheckResult(name, ok, detail, clock.GetElapsedTime(start).TotalMilliseconds);
    }

    /// <summary>Whatever goes wrong is the check's result, a bug in the detector included.</summary>
    private static async Task<(bool Ok, string Detail)> OutcomeAsync(Func<CancellationToken, Task<string>> check, CancellationToken stop)
    {
        try
        {
            return (true, await check(stop));
        }
        catch (OperationCanceledException)
        {
            return (false, $"no answer within {Patience.TotalSeconds} s");
        }
        catch (Exception e)
        {
            return (false, e.Message);
        }
    }
}
