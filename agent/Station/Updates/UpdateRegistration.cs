using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MrfAd.Contracts;
using MrfAd.Engine.Verdicts;
using MrfAd.Station.Inspection;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Station.Reporting;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Updates;

public static class UpdateRegistration
{
    /// <summary>Registers the detectors of all cameras with the services that update, correct and test each.</summary>
    /// <param name="openInspector">Opens a detector; called once for each different one, not on the thread that starts the station.</param>
    public static IServiceCollection AddUpdates(this IServiceCollection services, StationOptions options, Func<DetectorOptions, IInspector> openInspector, TimeProvider clock)
    {
        var detectors = ConfiguredDetector.Of(options);
        services
            .AddSingleton(new UpdateTrust(options.Updates, options.Station, options.StateFolder, clock))
            .AddSingleton<CorrectionFrames>()
            .AddSingleton(new FileFetch(new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = Timeout.InfiniteTimeSpan }, clock))
            .AddSingleton(s => Build(s, options, detectors, openInspector))
            .AddSingleton(s => new Detectors(s.GetRequiredService<DetectorBanks>().All.SelectMany(d => d.Bank.Cameras.Select(camera => (d.Bank.Product, camera, d.Bank.Detector)))))
            .AddSingleton(s => s.GetRequiredService<DetectorBanks>().Station.Bank)
            .AddSingleton(s => s.GetRequiredService<DetectorBanks>().Station.Status)
            .AddSingleton(s => s.GetRequiredService<DetectorBanks>().Station.Publisher)
            .AtStart(s =>
            {
                StateDamage.Report(s, "station key", s.GetRequiredService<UpdateTrust>().Damage);
                foreach (var detector in s.GetRequiredService<DetectorBanks>().All)
                {
                    detector.SelfTest.Announce();
                    StateDamage.Report(s, $"banks{detector.Bank.Of}", detector.Bank.Store.Damage);
                }
            })
            .AtStart(s =>
            {
                var recent = s.GetRequiredService<RecentFrames>();
                s.GetRequiredService<VerdictEvents>().ImagesReported += (_, report) => recent.Add(report);
            });
        for (var i = 0; i < detectors.Count; i++)
        {
            var at = i;
            services
                .AddSingleton<IHostedService>(s => s.GetRequiredService<DetectorBanks>().All[at].Updates)
                .AddSingleton<IHostedService>(s => s.GetRequiredService<DetectorBanks>().All[at].Canary)
                .AddSingleton<IHostedService>(s => s.GetRequiredService<DetectorBanks>().All[at].SelfTest);
        }

        return services;
    }

    private static DetectorBanks Build(IServiceProvider services, StationOptions options, IReadOnlyList<ConfiguredDetector> detectors, Func<DetectorOptions, IInspector> openInspector)
    {
        // Without products each detector has a connection of its own.
        var shared = options.Products.Count == 0 ? null : new SharedUpdateLink(Link(services, options, ""), detectors.Count);
        return new DetectorBanks([.. detectors.Select(d => Build(services, options, d, openInspector, (IMqttLink?)shared ?? Link(services, options, d.Camera ?? "")))]);
    }

    /// <summary>Makes a connection for chunks, so that no trigger waits behind one.</summary>
    /// <param name="camera">The camera whose detector alone uses it; empty for another's.</param>
    private static MqttNetLink Link(IServiceProvider services, StationOptions options, string camera)
    {
        var mqtt = options.Mqtt with { ClientId = $"{options.MqttClientId()}-update{(camera.Length == 0 ? "" : $"-{camera}")}", SessionExpiry = TimeSpan.Zero };
        var link = new MqttNetLink(mqtt, null, services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<ChunkExchange>>());
        // Without trusted keys no offer is accepted, and a broker that refuses its topics is right.
        if (options.Updates.TrustedKeys.Count > 0)
            services.GetRequiredService<StationHealth>().Watch(link, camera.Length == 0 ? "updates" : $"updates of {camera}");
        return link;
    }

    /// <summary>Makes the services of one detector.</summary>
    private static DetectorBank Build(IServiceProvider services, StationOptions options, ConfiguredDetector detector, Func<DetectorOptions, IInspector> openInspector, IMqttLink link)
    {
        var (updates, topics) = (options.Updates, services.GetRequiredService<StationTopics>());
        var folder = Path.Combine(options.StateFolder, detector.Product is null ? "banks" : Path.Combine("products", detector.Product, "banks"));
        if (detector.Camera is { } camera)
            folder = Path.Combine(folder, $"camera-{camera}");
        topics = topics.ForDetectorOf(detector.Product, detector.Camera);
        updates = updates with { GoldenFolder = updates.GoldenFolder is { } golden ? Path.Combine(golden, detector.Folder) : null };

        T Make<T>(params object[] with) => ActivatorUtilities.CreateInstance<T>(services, with);
        var clock = services.GetRequiredService<TimeProvider>();
        var bank = new StationBank(
            detector, new BankStore(folder, detector.Detector.Bank, new BankDisk()), openInspector, new AuditLog(options.StateFolder), clock, services.GetRequiredService<ILogger<StationBank>>(),
            options.Collect.Enabled);
        var status = new BankStatus();
        var publisher = Make<BankPublisher>(status, bank, topics);
        var exchange = new ChunkExchange(link, topics, clock, services.GetRequiredService<ILogger<ChunkExchange>>());
        var (shadow, regions) = (Make<ShadowRun>(updates, bank), services.GetRequiredService<StationRegions>());
        var steps = Make<UpdateSteps>(updates, bank, exchange, shadow, status);
        var worker = Make<UpdateWorker>(steps, bank, exchange, status, publisher);
        var (corrections, test) = (Make<CorrectionService>(bank, worker, updates, new PendingCorrection(folder)), Make<SelfTest>(updates, bank, topics, folder));
        (shadow.Regions, corrections.Regions, test.Regions) = (regions, regions, regions);
        return new DetectorBank(bank, status, publisher, worker, Make<CanaryMonitor>(bank, status), corrections, test);
    }
}
