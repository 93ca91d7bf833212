using System.Collections;
using System.Globalization;

namespace MrfAd.Station.Systemd;

/// <summary>What systemd says to a unit of Type=notify by its environment.</summary>
/// <param name="NotifySocket">Null: not started by systemd, or not of that type.</param>
/// <param name="Watchdog">Without a sign of life for so long the service is killed; null: it is not watched.</param>
/// <param name="ToJournal">Standard error goes to the journal.</param>
public sealed record SystemdOptions(string? NotifySocket, TimeSpan? Watchdog, bool ToJournal)
{
    /// <param name="environment">As from <see cref="Environment.GetEnvironmentVariables()"/>.</param>
    /// <param name="processId">This process: the watchdog may be meant for another one.</param>
    public static SystemdOptions Of(IDictionary environment, int processId)
    {
        var watched = environment["WATCHDOG_PID"] is not string pid || pid == processId.ToString(CultureInfo.InvariantCulture);
        return new SystemdOptions(
            environment["NOTIFY_SOCKET"] as string is { Length: > 0 } socket ? socket : null,
            watched && long.TryParse(environment["WATCHDOG_USEC"] as string, CultureInfo.InvariantCulture, out var us) && us > 0 ? TimeSpan.FromMicroseconds(us) : null,
            environment["JOURNAL_STREAM"] is string);
    }
}
