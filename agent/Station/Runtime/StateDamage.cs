using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MrfAd.Station.Runtime;

/// <summary>Reports state files that were damaged at the start.</summary>
public static partial class StateDamage
{
    /// <summary>Makes the station Degraded until its next start, and logs the damage; does nothing where there is none.</summary>
    /// <param name="part">The part of the station that lost something, as <see cref="StationHealth.Set"/> takes it.</param>
    public static void Report(IServiceProvider services, string part, string? damage)
    {
        if (damage is null)
            return;
        services.GetRequiredService<StationHealth>().Set(part, damage);
        LogDamaged(services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(StateDamage)), damage);
    }

    [LoggerMessage(12, LogLevel.Error, "{Damage}")]
    private static partial void LogDamaged(ILogger log, string damage);
}
