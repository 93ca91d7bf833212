using Microsoft.Extensions.DependencyInjection;
using MrfAd.Contracts;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.HomeAssistant;

public static class HomeAssistantServices
{
    /// <summary>Registers what announces the station to Home Assistant, and takes earlier announcements back where that is off.</summary>
    public static IServiceCollection AddHomeAssistant(this IServiceCollection services, StationOptions options) => services.AddHostedService(s => ActivatorUtilities.CreateInstance<Announcer>(
        s, (IReadOnlyList<MqttMessage>)[.. options.HomeAssistant.Enabled ? new Announcements(s.GetRequiredService<StationTopics>(), AgentVersion.Current, options.HomeAssistant.Prefix).Of(options.Cameras) : []],
        Path.Combine(options.StateFolder, "home-assistant")));
}
