using System.Collections;
using System.Globalization;

namespace MrfAd.Station.Systemd;

/// <summary>The settings that systemd passes to a unit of Type=notify by its environment.</summary>
/// <param name="NotifySocket">The path of the notify socket; null where systemd has not started the process, or with another type.</param>
/// <param name="Watchdog">The time without a keep-alive after which systemd kills the service; null where there is no watchdog.</param>
/// <param name="ToJournal">True where standard error goes to the journal.</param>
public sealed record SystemdOptions(string? NotifySocket, TimeSpan? Watchdog, bool ToJournal)
{
    /// <summary>Reads the settings from the environment.</summary>
    /// <param name="environment">The environment variables by name.</param>
    /// <param name="processId">The id of this process, because the watchdog may be meant for another one.</param>
    public static SystemdOptions Of(IDictionary environment, int processId)
    {
        var watched = environment["WATCHDOG_PID"] is not string pid || pid == processId.ToString(CultureInfo.InvariantCulture);
        return new SystemdOptions(
            environment["NOTIFY_SOCKET"] as string is { Length: > 0 } socket ? socket : null,
            watched && long.TryParse(environment["WATCHDOG_USEC"] as string, CultureInfo.InvariantCulture, out var us) && us > 0 ? TimeSpan.FromMicroseconds(us) : null,
            environment["JOURNAL_STREAM"] is string);
    }
}
