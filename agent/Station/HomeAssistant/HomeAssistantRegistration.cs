using Microsoft.Extensions.DependencyInjection;
using MrfAd.Contracts;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.HomeAssistant;

/// <summary>Registers the announcements for Home Assistant.</summary>
public static class HomeAssistantRegistration
{
    /// <summary>Registers the worker that announces the station to Home Assistant, or takes earlier announcements back where discovery is off.</summary>
    public static IServiceCollection AddHomeAssistant(this IServiceCollection services, StationOptions options) => services.AddHostedService(s => ActivatorUtilities.CreateInstance<Announcer>(
        s, (IReadOnlyList<MqttMessage>)[.. options.HomeAssistant.Enabled ? new Announcements(s.GetRequiredService<StationTopics>(), AgentVersion.Current, options.HomeAssistant.Prefix).Of(options.Cameras) : []],
        Path.Combine(options.StateFolder, "home-assistant")));
}
