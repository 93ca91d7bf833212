using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Mqtt;

public static class MqttRegistration
{
    /// <summary>Registers the station's connection to its broker.</summary>
    /// <param name="will">Makes the message that the broker publishes when the connection is lost.</param>
    public static IServiceCollection AddMqtt(this IServiceCollection services, StationOptions options, Func<IServiceProvider, Func<MqttMessage>> will) => services
        .AddSingleton<IMqttLink>(s => new MqttNetLink(
            options.Mqtt with { ClientId = options.MqttClientId() }, will(s), s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILoggerFactory>().CreateLogger<IMqttLink>()))
        .AddSingleton<BrokerConnection>()
        .AtStart(s => s.GetRequiredService<MrfAdMeter>().WatchMqtt(() => s.GetRequiredService<IMqttLink>().IsConnected));
}
