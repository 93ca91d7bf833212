using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Systemd;

public static class SystemdServices
{
    /// <summary>Registers what tells systemd of readiness and life, where systemd has started the process.</summary>
    public static IServiceCollection AddSystemd(this IServiceCollection services, SystemdOptions options) => options.NotifySocket is { } socket
        ? services.AddHostedService(s => new SystemdNotifier(
            new NotifySocket(socket), options.Watchdog, s.GetRequiredService<StationHealth>(), s.GetRequiredService<Heartbeat>(), s.GetRequiredService<TimeProvider>(),
            s.GetRequiredService<ILogger<SystemdNotifier>>()))
        : services;
}
