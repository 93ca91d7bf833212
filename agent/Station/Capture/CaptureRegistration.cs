using Microsoft.Extensions.DependencyInjection;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Capture;

/// <summary>Registers the services of capture.</summary>
public static class CaptureRegistration
{
    /// <summary>Registers the capture of frames; the cameras themselves are registered with their sources.</summary>
    public static IServiceCollection AddCapture(this IServiceCollection services) => services
        .AddSingleton<PendingShots>()
        .AddSingleton<CodeReadings>()
        .AtStart(s => s.GetRequiredService<CodeReadings>())
        .AddHostedService<CaptureWorker>();
}
