using Microsoft.Extensions.DependencyInjection;

namespace MrfAd.Station.Capture;

public static class CaptureServices
{
    /// <summary>Registers the capture of frames; the cameras themselves are another module's.</summary>
    public static IServiceCollection AddCapture(this IServiceCollection services) => services
        .AddSingleton<PendingShots>()
        .AddHostedService<CaptureWorker>();
}
