using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Sparkplug;

/// <summary>Registers the Sparkplug edge node.</summary>
public static class SparkplugRegistration
{
    /// <summary>Registers the Sparkplug edge node where the configuration enables it.</summary>
    public static IServiceCollection AddSparkplug(this IServiceCollection services, StationOptions options) =>
        options.Sparkplug.Enabled ? services.AddHostedService(s => Build(s, options)) : services;

    private static SparkplugNode Build(IServiceProvider services, StationOptions options)
    {
        var sparkplug = options.Sparkplug;
        var topics = SparkplugTopics.Of(options);
        var (clock, log) = (services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<SparkplugNode>>());
        // The specification requires a clean session.
        var mqtt = options.Mqtt with { ClientId = $"{options.MqttClientId()}-sparkplug", SessionExpiry = TimeSpan.Zero };
        return ActivatorUtilities.CreateInstance<SparkplugNode>(
            services, new SparkplugIdentity(topics, sparkplug.PrimaryHost, [.. options.Cameras.Select(c => c.Name)], AgentVersion.Current),
            new DeathCounter(Path.Combine(options.StateFolder, "sparkplug-bdseq")), (Func<Func<MqttMessage>, IMqttLink>)(will => new MqttNetLink(mqtt, will, clock, log)));
    }
}
