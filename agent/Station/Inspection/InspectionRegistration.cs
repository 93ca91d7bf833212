using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Inspection;

/// <summary>Registers the inspection.</summary>
public static class InspectionRegistration
{
    // A report holds a frame and a heatmap; this many keep the encoder of pictures busy.
    private const int MaxPendingReports = 4;

    /// <summary>Registers the inspection of captured frames; its reports are read from a registered channel.</summary>
    public static IServiceCollection AddInspection(this IServiceCollection services, StationOptions options, TimeProvider clock)
    {
        var reports = Channel.CreateBounded<InspectionReport>(MaxPendingReports);
        return services
            .AddSingleton(reports.Writer)
            .AddSingleton(reports.Reader)
            .AddSingleton(s => new RecentFrames(options.Updates.RecentFramesMb * 1_000_000L, s.GetRequiredService<MemoryBudget>()))
            .AddSingleton(new Thresholds(options.StateFolder))
            .AtStart(s => StateDamage.Report(s, "thresholds", s.GetRequiredService<Thresholds>().Damage))
            .AddSingleton(new StationRegions(options.StateFolder))
            .AtStart(s => StateDamage.Report(s, "regions", s.GetRequiredService<StationRegions>().Damage))
            .AddSingleton(options.Drift)
            .AddSingleton<DriftGuard>()
            .AddSingleton(new PreviewSampler(options.Dashboard.Enabled, clock))
            .AddSingleton<ModelMemory>()
            .AddSingleton<DetectorReports>()
            .AddSingleton<DetectorLoader>()
            .AddSingleton(s =>
            {
                var inspector = ActivatorUtilities.CreateInstance<ShotInspector>(s);
                inspector.Regions = s.GetRequiredService<StationRegions>();
                return inspector;
            })
            .AddSingleton<InspectionWorker>()
            .AddHostedService(s => s.GetRequiredService<InspectionWorker>());
    }
}
