using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MrfAd.Station.Capture;
using MrfAd.Station.Options;
using MrfAd.Station.Outbox;
using MrfAd.Station.Products;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Sources;

/// <summary>Registers the cameras.</summary>
public static partial class CameraRegistration
{
    /// <summary>Registers the cameras of the configuration, each with the source that its address names. Their trigger numbers continue where the outbox ends.</summary>
    public static IServiceCollection AddCameras(this IServiceCollection services, StationOptions options) => services
        .AddSingleton(s => new FrameLimits(options.Images, s.GetRequiredService<MemoryBudget>()))
        .AddSingleton<IReadOnlyList<Camera>>(s => [.. options.Cameras.Select(camera => Open(s, camera))])
        .AtStart(Continue);

    private static Camera Open(IServiceProvider services, CameraOptions camera)
    {
        var (meter, health, clock) = (services.GetRequiredService<MrfAdMeter>(), services.GetRequiredService<StationHealth>(), services.GetRequiredService<TimeProvider>());
        var log = services.GetRequiredService<ILogger<Camera>>();
        var limits = services.GetRequiredService<FrameLimits>();

        void OnMismatch(string kind, long count)
        {
            meter.CameraMismatch(camera.Name, kind, count);
            health.Mismatched(camera.Name, kind, count);
        }

        void OnWarning(string? text)
        {
            health.Warn($"camera {camera.Name}: source", text is null ? null : $"{camera.Name}: {text}");
            if (text is not null)
                LogWarning(log, camera.Name, text);
        }

        return ActivatorUtilities.CreateInstance<Camera>(services, camera, (Action<string?> problem) => FrameSources.Open(camera, () => limits.Of(camera.Name), clock, problem, OnWarning, OnMismatch));
    }

    private static void Continue(IServiceProvider services)
    {
        var verdicts = services.GetRequiredService<StationOutbox>().Verdicts;
        foreach (var camera in services.GetRequiredService<IReadOnlyList<Camera>>())
        {
            camera.Products = services.GetRequiredService<ActiveProducts>();
            camera.CountFrom(verdicts.LastSeq(camera.Options.Name));
            services.GetRequiredService<MrfAdMeter>().AddCamera(camera.Options.Name, () => camera.Waiting);
            if (camera.Options.Code is not null)
                services.GetRequiredService<MrfAdMeter>().AddCodes(camera.Options.Name);
            services.GetRequiredService<StationHealth>().AddCamera(camera.Options.Name);
        }
    }

    [LoggerMessage(104, LogLevel.Warning, "{Camera}: {Why}")]
    private static partial void LogWarning(ILogger log, string camera, string why);
}
