using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using MrfAd.Cli.Upgrades;
using MrfAd.Engine.Images;
using MrfAd.Engine.Verdicts;
using MrfAd.Station.Capture;
using MrfAd.Station.Control;
using MrfAd.Station.Keys;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Station.Sources;
using MrfAd.Station.Traces;

namespace MrfAd.Cli.Commands;

/// <summary>Checks once each thing that a station needs (detectors, cameras, TLS files, broker, HTTP port), without running the station.</summary>
/// <param name="openInspector">Opens the inspector of a detector's configuration.</param>
public sealed class StationCheck(StationOptions options, Func<DetectorOptions, IInspector> openInspector, TimeProvider clock)
{
    private static readonly TimeSpan CheckTimeout = TimeSpan.FromSeconds(10);

    // A model of gigabytes is read and compared with its checksum, and a GPU's engine may be built.
    private static readonly TimeSpan DetectorTimeout = TimeSpan.FromMinutes(10);

    // What heeds its timeout needs a moment to end.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    // The first frame of a network camera may take some seconds, and one that does not respond is reported only after ten.
    private static readonly TimeSpan CameraTimeout = TimeSpan.FromSeconds(25);

    // A broker that disconnects at each refused topic costs a reconnect each time.
    private static readonly TimeSpan TopicsTimeout = TimeSpan.FromSeconds(60);

    private readonly Dictionary<DetectorOptions, LearnedSize?> _learned = [];

    /// <summary>Checks what a station needs of this machine alone: nothing that another process may hold, such as a camera or the port, and no network.</summary>
    /// <inheritdoc cref="RunAsync"/>
    public async IAsyncEnumerable<CheckResult> RunOfflineAsync()
    {
        yield return RuntimeCheck.Images();
        foreach (var result in RuntimeCheck.Run([.. options.Cameras.Select(c => (c.Detector ?? options.Detector).Provider).Distinct()]))
            yield return result;
        foreach (var used in ConfiguredDetector.Of(options).Where(d => d.Cameras.Count > 0))
            yield return await TryAsync(NameOf(used), _ => Task.FromResult(Detector(used)), DetectorTimeout);
        yield return await TryAsync("memory", _ => Task.FromResult(MemoryCheck.Run(options, _learned)));
        yield return await TryAsync("folders", _ => Task.FromResult(FolderCheck.Run(options)));
    }

    /// <returns>One result for each check, as soon as it is known.</returns>
    public async IAsyncEnumerable<CheckResult> RunAsync()
    {
        await foreach (var result in RunOfflineAsync())
            yield return result;
        foreach (var camera in options.Cameras)
            yield return await TryAsync($"camera {camera.Name}", stop => CameraAsync(camera, stop), CameraTimeout);
        yield return await TryAsync("tokens and keys", _ => Task.FromResult(Secrets()));
        yield return new CheckResult("commands", true, UnsignedCommands.Describe(options.Control), 0);
        if (options.Mqtt.Tls.Enabled)
        {
            yield return await TryAsync("tls files", _ => Task.FromResult(TlsFiles.Check(options.Mqtt.Tls, clock.GetUtcNow())));
            yield return await TryAsync("tls broker", stop => TlsProbe.InspectAsync(options.Mqtt, stop));
        }

        var broker = await TryAsync("broker", BrokerAsync);
        yield return broker;
        if (broker.Ok)
        {
            var topics = new TopicCheck(options, clock);
            yield return await TryAsync("broker topics", stop => topics.RunAsync(BrokerOptions(), stop), TopicsTimeout);
            yield return await TryAsync("broker access", stop => new AnonymousCheck(options, clock).RunAsync(BrokerOptions(), topics.IsOnline, stop));
        }

        yield return await TryAsync("http", HttpAsync);
        if (options.Traces.Endpoint is not null)
            yield return await TryAsync("traces", _ => Task.FromResult(CollectorCheck.Run(options.Traces)));
    }

    /// <summary>Reads the tokens and keys as the station does.</summary>
    private string Secrets()
    {
        string?[] tokens = [options.Http.TokenFile, options.Dashboard.TokenFile];
        foreach (var file in tokens)
            AccessToken.Open(file);
        var keys = new TrustedKeys(options.Control.TrustedKeys, clock).Count + new TrustedKeys(options.Updates.TrustedKeys, clock).Count + new TrustedKeys(options.Updates.ProgramKeys, clock).Count;
        return $"{tokens.Count(file => file is not null)} tokens, {keys} trusted keys";
    }

    private static string NameOf(ConfiguredDetector detector) =>
        (detector.Product is { } product ? $"product {product}" : "detector") + (detector.Camera is null ? "" : $" of {string.Join(", ", detector.Cameras)}");

    private string Detector(ConfiguredDetector used)
    {
        if (options.Collect.Enabled && !Path.Exists(used.Detector.Bank))
            return $"there is no {used.Detector.Bank} yet: good parts are collected";
        using var inspector = openInspector(used.Detector);
        var info = inspector.Info;
        _learned[used.Detector] = info.Learned;
        CodeCheck.AgainstLearned(options.Cameras.Where(camera => used.Cameras.Contains(camera.Name)), info.Learned);
        return $"bank {info.BankId} version {info.BankVersion}, encoder {info.EncoderId}, threshold {info.Threshold:0.###}{(info.HasChecksum ? "" : ", without checksum")}";
    }

    private async Task<string> CameraAsync(CameraOptions camera, CancellationToken stop)
    {
        if (camera.FramesAreSent)
            return "its frames are sent to it";
        // The source would try to open for ever: the first error ends the check.
        var problem = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        // A line trigger needs a part on the line; a software trigger shows as well that the camera works.
        using var source = FrameSources.Open(camera with { Trigger = camera.Trigger == TriggerMode.Line ? TriggerMode.Mqtt : camera.Trigger }, () => ImageLimits.Default, clock, OnError, _ => { }, (_, _) => { });
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
                return $"{frame.Source}: {frame.Image}{(camera.Code is { } code ? $"; {CodeCheck.Read(code, frame.Image, clock)}" : "")}";
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException("no frame came");
        }

        void OnError(string? why)
        {
            if (why is not null)
                problem.TrySetResult(why);
        }
    }

    private async Task<string> BrokerAsync(CancellationToken stop)
    {
        var mqtt = BrokerOptions();
        await using var link = new MqttNetLink(mqtt, will: null, clock, NullLogger.Instance);
        var connected = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        link.ConnectionChanged += reason => connected.TrySetResult(reason);
        link.Start();
        if (await connected.Task.WaitAsync(stop) is { } reason)
            throw new MqttLinkException(MqttFailure.NotConnected, reason);
        await link.StopAsync(null, stop);
        return $"{mqtt.Host}:{mqtt.Port} accepts us";
    }

    /// <summary>Returns the options of a connection with a client id of its own: a broker disconnects the older of two clients with the same id, and the station may be running.</summary>
    private MqttOptions BrokerOptions() => options.Mqtt with { ClientId = $"mrfad-check-{Guid.NewGuid():N}", SessionExpiry = TimeSpan.Zero };

    private async Task<string> HttpAsync(CancellationToken stop)
    {
        var place = new IPEndPoint(IPAddress.Parse(options.Http.Address), options.Http.Port);
        using var listener = new TcpListener(place);
        try
        {
            listener.Start();
            return place.Port == 0 ? $"{place.Address}, any free port" : $"{place} is free";
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            return (await StationProbe.StateAsync($"{StationProbe.Reachable(options.Http)}", stop))?.Station == options.Station ? $"{place} is this station's, which is running" : throw new IOException($"{place} is taken by another program");
        }
    }

    private async Task<CheckResult> TryAsync(string name, Func<CancellationToken, Task<string>> check, TimeSpan? timeout = null)
    {
        var start = clock.GetTimestamp();
        using var stop = new CancellationTokenSource(timeout ?? CheckTimeout, clock);
        var (ok, detail) = await OutcomeAsync(check, timeout ?? CheckTimeout, stop.Token);
        return new CheckResult(name, ok, detail, clock.GetElapsedTime(start).TotalMilliseconds);
    }

    /// <summary>Runs a check; every exception, also one from a bug in the detector, becomes the check's result.</summary>
    private async Task<(bool Ok, string Detail)> OutcomeAsync(Func<CancellationToken, Task<string>> check, TimeSpan timeout, CancellationToken stop)
    {
        try
        {
            var checking = Task.Run(() => check(stop), CancellationToken.None);
            // What does not heed the timeout, such as the file of a network share that hangs, is left behind.
            return await Task.WhenAny(checking, Task.Delay(timeout + Grace, clock, CancellationToken.None)) == checking
                ? (true, await checking)
                : (false, $"no answer within {timeout.TotalSeconds} s");
        }
        catch (OperationCanceledException)
        {
            return (false, $"no answer within {timeout.TotalSeconds} s");
        }
        catch (Exception e)
        {
            return (false, e.Message);
        }
    }
}
