using System.Net;
using System.Reflection;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MrfAd.Contracts;
using MrfAd.Engine.Verdicts;
using MrfAd.Station.Capture;
using MrfAd.Station.Control;
using MrfAd.Station.Dashboard;
using MrfAd.Station.Evidence;
using MrfAd.Station.Gpio;
using MrfAd.Station.HomeAssistant;
using MrfAd.Station.Http;
using MrfAd.Station.Inspection;
using MrfAd.Station.Keys;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Station.Outbox;
using MrfAd.Station.Rejection;
using MrfAd.Station.Reporting;
using MrfAd.Station.Runtime;
using MrfAd.Station.Sources;
using MrfAd.Station.Sparkplug;
using MrfAd.Station.Systemd;
using MrfAd.Station.Triggers;
using MrfAd.Station.Updates;

namespace MrfAd.Station.Hosting;

/// <summary>The running agent: capture → inspection → reporting → mqtt, with health beside them, in one host.</summary>
public static partial class StationHost
{
    // A report holds a frame and a heatmap: enough to keep the encoder of pictures busy.
    private const int ReportsAhead = 4;

    /// <summary>Puts a station together; nothing runs yet.</summary>
    /// <param name="openInspector">Opens a detector; called once for each different one, off the start.</param>
    /// <exception cref="MqttLinkException">The link to the broker cannot be made.</exception>
    /// <exception cref="IOException">The state folder or a trusted key cannot be read, or another process uses that folder.</exception>
    public static WebApplication Build(StationOptions options, Func<DetectorOptions, IInspector> openInspector, TimeProvider clock)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        var systemd = SystemdOptions.Of(Environment.GetEnvironmentVariables(), Environment.ProcessId);
        if (systemd.ToJournal)
            builder.Logging.AddSystemdConsole(); // the journal knows the time, and each line's priority
        else
            builder.Logging.AddSimpleConsole(console => (console.SingleLine, console.TimestampFormat) = (true, "yyyy-MM-ddTHH:mm:ss.fffZ "));
        builder.Logging.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        // A start that fails is told by the command in a sentence.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Parse(options.Http.Address), options.Http.Port));

        var services = builder.Services;
        services.AddRoutingCore();
        services.Configure<ConsoleLifetimeOptions>(console => console.SuppressStatusMessages = true);
        // Each worker ends when the one before it has: all must be told to stop at once.
        services.Configure<HostOptions>(host => host.ServicesStopConcurrently = true);
        services.AddSingleton(clock);

        var topics = new StationTopics(options.Site, options.Line, options.Station);
        services.AddSingleton(topics);
        services.AddSingleton(new StationMessages(topics, AgentVersion.Current));
        services.AddSingleton<StationHealth>();
        services.AddSingleton<Heartbeat>();
        if (systemd.NotifySocket is { } socket)
            services.AddHostedService(s => new SystemdNotifier(new NotifySocket(socket), systemd.Watchdog, s.GetRequiredService<StationHealth>(), s.GetRequiredService<Heartbeat>(), clock, s.GetRequiredService<ILogger<SystemdNotifier>>()));
        services.AddSingleton(_ => new MrfAdMeter(AgentVersion.Current));
        services.AddSingleton<IMqttLink>(s => new MqttNetLink(
            options.Mqtt with { ClientId = ClientId(options) },
            s.GetRequiredService<StationMessages>().Will, clock, s.GetRequiredService<ILoggerFactory>().CreateLogger<IMqttLink>()));

        // Triggers
        services.AddSingleton<TriggerDesk>();
        services.AddSingleton<IGpio, GpioCharacterDevice>();
        services.AddHostedService<GpioTriggers>();

        // Control
        services.AddSingleton<IStationCommand, TriggerCameras>();
        services.AddSingleton<IStationCommand, ReplayVerdicts>();
        services.AddSingleton<IStationCommand, SetThreshold>();
        services.AddSingleton<IStationCommand, TakeSnapshot>();
        services.AddSingleton<IStationCommand, TellState>();
        services.AddSingleton<IStationCommand, TellBank>();
        services.AddSingleton<IStationCommand, RollBackBank>();
        services.AddSingleton<IStationCommand, FetchBank>();
        services.AddSingleton<IStationCommand, TeachBank>();
        services.AddSingleton<IStationCommand, RunSelfTest>();
        services.AddSingleton<IStationCommand>(new TellConfig(options));
        services.AddSingleton(options.Control);
        services.AddSingleton(s => ActivatorUtilities.CreateInstance<CommandDesk>(
            s, (IReadOnlyList<IStationCommand>)[.. s.GetServices<IStationCommand>()], new CommandSeal(options.Control, topics, clock)));
        services.AddHostedService(s => s.GetRequiredService<CommandDesk>());

        // Capture
        services.AddSingleton<PendingShots>();
        services.AddSingleton<IReadOnlyList<Camera>>(s =>
        {
            var (meter, health) = (s.GetRequiredService<MrfAdMeter>(), s.GetRequiredService<StationHealth>());
            void Mismatched(string camera, string kind, long count)
            {
                meter.CameraMismatch(camera, kind, count);
                health.Mismatched(camera, kind, count);
            }

            return [.. options.Cameras.Select(camera => ActivatorUtilities.CreateInstance<Camera>(
                s, camera, (Action<string?> problem) => FrameSources.Open(camera, clock, problem, (kind, count) => Mismatched(camera.Name, kind, count))))];
        });
        services.AddHostedService<CaptureWorker>();

        // Inspection
        services.AddSingleton(new RecentFrames(options.Updates.RecentFramesMb * 1_000_000L));
        services.AddSingleton(s => new Detectors(s.GetRequiredService<DetectorBanks>().All.SelectMany(d => d.Bank.Cameras.Select(camera => KeyValuePair.Create(camera, d.Bank.Detector)))));
        var reports = Channel.CreateBounded<InspectionReport>(ReportsAhead);
        services.AddSingleton(reports.Writer);
        services.AddSingleton(new Thresholds(options.StateFolder));
        services.AddSingleton(options.Drift);
        services.AddSingleton<DriftGuard>();
        services.AddSingleton<RejectOutputs>();
        services.AddSingleton(new ShownParts(options.Dashboard.Enabled, clock));
        services.AddHostedService(s => s.GetRequiredService<RejectOutputs>());
        services.AddSingleton<DetectorLoader>();
        services.AddSingleton<ShotInspector>();
        services.AddSingleton<InspectionWorker>();
        services.AddHostedService(s => s.GetRequiredService<InspectionWorker>());

        AddBankUpdates(services, options, openInspector, topics, clock);

        // Reporting
        services.AddSingleton(reports.Reader);
        services.AddSingleton<BrokerConnection>();
        services.AddSingleton(s =>
        {
            var link = s.GetRequiredService<IMqttLink>();
            MqttMessage Write(Label label, ReadOnlyMemory<byte> content, bool late) => PictureFit.To(StationMessages.Write(label, content, late), link.MaximumPacketBytes);
            return ActivatorUtilities.CreateInstance<StationOutbox>(s, Path.Combine(options.StateFolder, "outbox"), options.Outbox, (Func<Label, ReadOnlyMemory<byte>, bool, MqttMessage>)Write);
        });
        services.AddSingleton<StatePublisher>();
        services.AddSingleton<OutboxPublisher>();
        services.AddSingleton<VerdictFeed>();
        services.AddSingleton(new RecentVerdicts(options.Dashboard.Enabled ? options.Dashboard.Keep : 0));
        if (options.Dashboard is { Enabled: true, Plant: true })
            services.AddSingleton(s => BuildPlant(s, options, clock));
        services.AddSingleton(options.Evidence);
        services.AddSingleton<EvidenceStore>();
        // The other faces come first: they hear what reporting says at its start.
        services.AddHostedService(s => ActivatorUtilities.CreateInstance<Announcer>(
            s, (IReadOnlyList<MqttMessage>)[.. options.HomeAssistant.Enabled ? new Announcements(topics, AgentVersion.Current, options.HomeAssistant.Prefix).Of(options.Cameras) : []],
            Path.Combine(options.StateFolder, "home-assistant")));
        if (options.Sparkplug.Enabled)
            services.AddHostedService(s => BuildSparkplug(s, options, clock));
        services.AddHostedService<ReportingWorker>();

        // Health
        var app = builder.Build();
        var meter = app.Services.GetRequiredService<MrfAdMeter>();
        var link = app.Services.GetRequiredService<IMqttLink>();
        app.MapMrfAdMetrics();
        var cameras = app.Services.GetRequiredService<IReadOnlyList<Camera>>();
        var desk = app.Services.GetRequiredService<TriggerDesk>();
        app.MapInspect(cameras, desk, app.Services.GetRequiredService<VerdictFeed>(), options.Http.MaxUploadMb, TokenIn(options.Http.TokenFile));
        MqttFrames.Subscribe(link, cameras, desk, app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(MqttFrames)));
        app.MapHealth(app.Services.GetRequiredService<StationHealth>(), app.Services.GetRequiredService<StationMessages>());
        if (options.Dashboard.Enabled)
        {
            app.MapDashboard(
                options.Dashboard, new DashboardSessions(TokenIn(options.Dashboard.TokenFile), clock), app.Services.GetRequiredService<RecentVerdicts>(),
                ActivatorUtilities.CreateInstance<StationFacts>(app.Services, AgentVersion.Current), app.Services.GetRequiredService<CommandDesk>(),
                app.Services.GetService<PlantFeed>(), clock, app.Lifetime.ApplicationStopping);
        }

        meter.WatchState(() => app.Services.GetRequiredService<StationHealth>().Current.State);
        meter.WatchMqtt(() => link.IsConnected);
        // What cannot be opened ends the start.
        app.Services.GetRequiredService<RejectOutputs>();
        app.Services.GetRequiredService<DetectorBanks>();
        app.Services.GetRequiredService<EvidenceStore>();
        var outbox = app.Services.GetRequiredService<StationOutbox>();
        outbox.VerdictSent += letter =>
        {
            if (!letter.Late)
                meter.Output(letter.Label.Camera, "mqtt", clock.GetUtcNow() - letter.Label.At);
        };
        var verdicts = outbox.Verdicts;
        app.Services.GetRequiredService<RecentVerdicts>().Restore(verdicts);
        foreach (var camera in cameras)
        {
            camera.CountFrom(verdicts.LastSeq(camera.Options.Name));
            meter.AddCamera(camera.Options.Name, () => camera.Waiting);
            app.Services.GetRequiredService<StationHealth>().AddCamera(camera.Options.Name);
        }

        return app;
    }

    private static void AddBankUpdates(IServiceCollection services, StationOptions options, Func<DetectorOptions, IInspector> openInspector, StationTopics topics, TimeProvider clock)
    {
        services.AddSingleton(new UpdateTrust(options.Updates, options.Station, options.StateFolder, clock));
        services.AddSingleton(new FileFetch(new HttpClient { Timeout = Timeout.InfiniteTimeSpan }, clock));
        var detectors = DetectorBanks.Of(options);
        services.AddSingleton(s => new DetectorBanks([.. detectors.Select((d, i) => BuildBank(s, options, d.Detector, i == 0 ? null : d.Cameras[0], d.Cameras, openInspector, topics, clock))]));
        services.AddSingleton(s => s.GetRequiredService<DetectorBanks>().Station.Bank);
        services.AddSingleton(s => s.GetRequiredService<DetectorBanks>().Station.Status);
        services.AddSingleton(s => s.GetRequiredService<DetectorBanks>().Station.Publisher);
        for (var i = 0; i < detectors.Count; i++)
        {
            var at = i;
            services.AddSingleton<IHostedService>(s => s.GetRequiredService<DetectorBanks>().All[at].Updates);
            services.AddSingleton<IHostedService>(s => s.GetRequiredService<DetectorBanks>().All[at].Watching);
            services.AddSingleton<IHostedService>(s => s.GetRequiredService<DetectorBanks>().All[at].SelfTest);
        }
    }

    /// <param name="camera">Null: the station's detector.</param>
    private static DetectorBank BuildBank(
        IServiceProvider services, StationOptions options, DetectorOptions detector, string? camera, IReadOnlyList<string> cameras, Func<DetectorOptions, IInspector> openInspector, StationTopics topics, TimeProvider clock)
    {
        var folder = Path.Combine(options.StateFolder, "banks");
        var updates = options.Updates;
        if (camera is not null)
        {
            folder = Path.Combine(folder, $"camera-{camera}");
            topics = topics.ForDetectorOf(camera);
            updates = updates with { GoldenFolder = updates.GoldenFolder is { } golden ? Path.Combine(golden, camera) : null };
        }

        T Make<T>(params object[] with) => ActivatorUtilities.CreateInstance<T>(services, with);
        var bank = new StationBank(
            camera, cameras, new BankStore(folder, detector.Bank, new BankDisk()), detector, openInspector, new AuditLog(options.StateFolder), clock, services.GetRequiredService<ILogger<StationBank>>());
        var status = new BankStatus();
        var publisher = Make<BankPublisher>(status, bank, topics);
        // Chunks on a connection of their own: no trigger waits behind one.
        var log = services.GetRequiredService<ILogger<ChunkExchange>>();
        var mqtt = options.Mqtt with { ClientId = $"{ClientId(options)}-update{(camera is null ? "" : $"-{camera}")}", SessionExpiry = TimeSpan.Zero };
        var exchange = new ChunkExchange(new MqttNetLink(mqtt, null, clock, log), topics, clock, log);
        var steps = Make<UpdateSteps>(updates, bank, exchange, Make<ShadowRun>(updates, bank), status);
        var worker = Make<UpdateWorker>(steps, bank, exchange, status, publisher);
        return new DetectorBank(
            bank, status, publisher, worker, Make<FirstVerdicts>(bank, status), Make<Teacher>(bank, worker, updates, new PendingLesson(folder)), Make<SelfTest>(updates, bank, topics, folder));
    }

    private static SparkplugNode BuildSparkplug(IServiceProvider services, StationOptions options, TimeProvider clock)
    {
        var sparkplug = options.Sparkplug;
        var topics = new SparkplugTopics(
            sparkplug.Group.Length > 0 ? sparkplug.Group : $"{options.Site}-{options.Line}", sparkplug.EdgeNode.Length > 0 ? sparkplug.EdgeNode : options.Station);
        // The specification wants a clean session.
        var mqtt = options.Mqtt with { ClientId = $"{ClientId(options)}-sparkplug", SessionExpiry = TimeSpan.Zero };
        return new SparkplugNode(
            new SparkplugIdentity(topics, sparkplug.PrimaryHost, [.. options.Cameras.Select(c => c.Name)], AgentVersion.Current), new DeathCounter(Path.Combine(options.StateFolder, "sparkplug-bdseq")),
            will => new MqttNetLink(mqtt, will, clock, services.GetRequiredService<ILoggerFactory>().CreateLogger<SparkplugNode>()),
            services.GetRequiredService<VerdictFeed>(), services.GetRequiredService<StationHealth>(), services.GetRequiredService<MrfAdMeter>(), clock,
            services.GetRequiredService<ILogger<SparkplugNode>>());
    }

    private static PlantFeed BuildPlant(IServiceProvider services, StationOptions options, TimeProvider clock)
    {
        var log = services.GetRequiredService<ILogger<PlantFeed>>();
        // Other stations' messages must not wait for this one while it is away.
        var mqtt = options.Mqtt with { SessionExpiry = TimeSpan.Zero, LargestReceivedBytes = PlantFeed.LargestPacket };
        return new PlantFeed(part => new MqttNetLink(mqtt with { ClientId = $"{ClientId(options)}-{part}" }, null, clock, log), clock, log);
    }

    private static AccessToken? TokenIn(string? file) => file is null ? null : new AccessToken(file);

    private static string ClientId(StationOptions options) => options.Mqtt.ClientId.Length > 0 ? options.Mqtt.ClientId : $"mrfad-{options.Site}-{options.Line}-{options.Station}";

    /// <summary>Runs until told to stop, or until a worker fails.</summary>
    /// <param name="started">Called with the HTTP address when it is served.</param>
    /// <returns>False where a worker has failed.</returns>
    public static async Task<bool> RunAsync(WebApplication app, Action<string> started, CancellationToken cancellationToken)
    {
        var log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(StationHost));
        await app.StartAsync(cancellationToken);
        LogStarted(log, AgentVersion.Current, app.Urls.First());
        started(app.Urls.First());
        await app.WaitForShutdownAsync(cancellationToken);

        var dead = app.Services.GetServices<IHostedService>().OfType<Worker>().Where(worker => worker.ExecuteTask is { IsFaulted: true }).ToList();
        foreach (var worker in dead)
            LogDead(log, worker.GetType().Name, worker.ExecuteTask!.Exception!.GetBaseException().Message);
        LogStopped(log);
        return dead.Count == 0;
    }

    [LoggerMessage(1, LogLevel.Information, "mrfad {Version} serves {Url}")]
    private static partial void LogStarted(ILogger log, string version, string url);

    [LoggerMessage(3, LogLevel.Information, "stopped")]
    private static partial void LogStopped(ILogger log);

    [LoggerMessage(2, LogLevel.Critical, "{Worker} is dead and ends the station: {Why}")]
    private static partial void LogDead(ILogger log, string worker, string why);
}
