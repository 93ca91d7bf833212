using MrfAd.Station.Options;

namespace MrfAd.Station.Runtime;

/// <summary>The station as OpenTelemetry calls it, its resource: by these attributes its traces and its metrics belong together.</summary>
public static class ServiceResource
{
    /// <returns>The attributes by OpenTelemetry's names, with their values.</returns>
    public static IReadOnlyList<KeyValuePair<string, object>> Of(StationOptions options) =>
    [
        new("service.name", "mrfad"),
        new("service.namespace", $"{options.Site}/{options.Line}"),
        new("service.instance.id", options.Station),
        new("service.version", AgentVersion.Current),
    ];
}
