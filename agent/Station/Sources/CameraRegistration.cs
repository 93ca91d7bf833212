using Microsoft.Extensions.DependencyInjection;
using MrfAd.Station.Capture;
using MrfAd.Station.Options;
using MrfAd.Station.Outbox;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Sources;

/// <summary>Registers the cameras.</summary>
public static class CameraRegistration
{
    /// <summary>Registers the cameras of the configuration, each with the source that its address names. Their trigger numbers continue where the outbox ends.</summary>
    public static IServiceCollection AddCameras(this IServiceCollection services, StationOptions options) => services
        .AddSingleton<IReadOnlyList<Camera>>(s => [.. options.Cameras.Select(camera => Open(s, camera))])
        .AtStart(Continue);

    private static Camera Open(IServiceProvider services, CameraOptions camera)
    {
        var (meter, health, clock) = (services.GetRequiredService<MrfAdMeter>(), services.GetRequiredService<StationHealth>(), services.GetRequiredService<TimeProvider>());
        void OnMismatch(string kind, long count)
        {
            meter.CameraMismatch(camera.Name, kind, count);
            health.Mismatched(camera.Name, kind, count);
        }

        return ActivatorUtilities.CreateInstance<Camera>(services, camera, (Action<string?> problem) => FrameSources.Open(camera, clock, problem, OnMismatch));
    }

    private static void Continue(IServiceProvider services)
    {
        var verdicts = services.GetRequiredService<StationOutbox>().Verdicts;
        foreach (var camera in services.GetRequiredService<IReadOnlyList<Camera>>())
        {
            camera.CountFrom(verdicts.LastSeq(camera.Options.Name));
            services.GetRequiredService<MrfAdMeter>().AddCamera(camera.Options.Name, () => camera.Waiting);
            services.GetRequiredService<StationHealth>().AddCamera(camera.Options.Name);
        }
    }
}
