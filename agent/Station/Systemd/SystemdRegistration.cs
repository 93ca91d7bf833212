using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Systemd;

/// <summary>Registers the notifier of systemd.</summary>
public static class SystemdRegistration
{
    /// <summary>Registers the notifier of readiness and keep-alives, where systemd has started the process.</summary>
    public static IServiceCollection AddSystemd(this IServiceCollection services, SystemdOptions options) => options.NotifySocket is { } socket
        ? services.AddHostedService(s => new SystemdNotifier(
            new NotifySocket(socket), options.Watchdog, s.GetRequiredService<StationHealth>(), s.GetRequiredService<Heartbeat>(), s.GetRequiredService<TimeProvider>(),
            s.GetRequiredService<ILogger<SystemdNotifier>>()))
        : services;
}
