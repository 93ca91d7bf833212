using MrfAd.Station.Runtime;

namespace MrfAd.Station.Mqtt;

/// <summary>Makes the problems of a link a part of the station's health.</summary>
public static class LinkHealth
{
    /// <summary>Reports the problems of a link. Messages that the broker can never accept are a warning that stays until the next start, as they are lost; the rest makes the station Degraded while it lasts.</summary>
    /// <param name="part">The name of the link as a part of the station, for example "broker".</param>
    public static void Watch(this StationHealth health, IMqttLink link, string part) => link.ProblemsChanged += problems =>
    {
        health.Set($"{part} client id", problems.ClientIdConflict);
        health.Set($"{part} topics", problems.Refusal);
        health.Warn($"{part} messages", problems.Loss);
    };
}
