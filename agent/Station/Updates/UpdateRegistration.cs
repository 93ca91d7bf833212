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
        var detectors = DetectorBanks.Of(options);
        services
            .AddSingleton(new UpdateTrust(options.Updates, options.Station, options.StateFolder, clock))
            .AddSingleton<CorrectionFrames>()
            .AddSingleton(new FileFetch(new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = Timeout.InfiniteTimeSpan }, clock))
            .AddSingleton(s => new DetectorBanks([.. detectors.Select((d, i) => Build(s, options, d.Detector, i == 0 ? null : d.Cameras[0], d.Cameras, openInspector))]))
            .AddSingleton(s => new Detectors(s.GetRequiredService<DetectorBanks>().All.SelectMany(d => d.Bank.Cameras.Select(camera => KeyValuePair.Create(camera, d.Bank.Detector)))))
            .AddSingleton(s => s.GetRequiredService<DetectorBanks>().Station.Bank)
            .AddSingleton(s => s.GetRequiredService<DetectorBanks>().Station.Status)
            .AddSingleton(s => s.GetRequiredService<DetectorBanks>().Station.Publisher)
            .AtStart(s =>
            {
                StateDamage.Report(s, "station key", s.GetRequiredService<UpdateTrust>().Damage);
                foreach (var detector in s.GetRequiredService<DetectorBanks>().All)
                    StateDamage.Report(s, $"banks {detector.Bank.Camera}".TrimEnd(), detector.Bank.Store.Damage);
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

    /// <summary>Makes the services of one detector.</summary>
    /// <param name="camera">The camera that gives the detector its name; null for the station's detector.</param>
    private static DetectorBank Build(
        IServiceProvider services, StationOptions options, DetectorOptions detector, string? camera, IReadOnlyList<string> cameras, Func<DetectorOptions, IInspector> openInspector)
    {
        var (folder, updates, topics) = (Path.Combine(options.StateFolder, "banks"), options.Updates, services.GetRequiredService<StationTopics>());
        if (camera is not null)
        {
            folder = Path.Combine(folder, $"camera-{camera}");
            topics = topics.ForDetectorOf(camera);
            updates = updates with { GoldenFolder = updates.GoldenFolder is { } golden ? Path.Combine(golden, camera) : null };
        }

        T Make<T>(params object[] with) => ActivatorUtilities.CreateInstance<T>(services, with);
        var clock = services.GetRequiredService<TimeProvider>();
        var bank = new StationBank(
            camera, cameras, new BankStore(folder, detector.Bank, new BankDisk()), detector, openInspector, new AuditLog(options.StateFolder), clock, services.GetRequiredService<ILogger<StationBank>>());
        var status = new BankStatus();
        var publisher = Make<BankPublisher>(status, bank, topics);
        // Chunks have a connection of their own, so that no trigger waits behind one.
        var log = services.GetRequiredService<ILogger<ChunkExchange>>();
        var mqtt = options.Mqtt with { ClientId = $"{options.MqttClientId()}-update{(camera is null ? "" : $"-{camera}")}", SessionExpiry = TimeSpan.Zero };
        var link = new MqttNetLink(mqtt, null, clock, log);
        // Without trusted keys no offer is accepted, and a broker that refuses its topics is right.
        if (options.Updates.TrustedKeys.Count > 0)
            services.GetRequiredService<StationHealth>().Watch(link, camera is null ? "updates" : $"updates of {camera}");
        var exchange = new ChunkExchange(link, topics, clock, log);
        var steps = Make<UpdateSteps>(updates, bank, exchange, Make<ShadowRun>(updates, bank), status);
        var worker = Make<UpdateWorker>(steps, bank, exchange, status, publisher);
        return new DetectorBank(
            bank, status, publisher, worker, Make<CanaryMonitor>(bank, status), Make<CorrectionService>(bank, worker, updates, new PendingCorrection(folder)), Make<SelfTest>(updates, bank, topics, folder));
    }
}
