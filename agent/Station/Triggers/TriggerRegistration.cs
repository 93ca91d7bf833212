using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MrfAd.Station.Capture;
using MrfAd.Station.Gpio;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Triggers;

public static class TriggerRegistration
{
    /// <summary>Registers the triggers by GPIO lines and by images that arrive as messages; commands and HTTP requests use the same service.</summary>
    public static IServiceCollection AddTriggers(this IServiceCollection services) => services
        .AddSingleton<TriggerService>()
        .AddSingleton<IGpio, GpioCharacterDevice>()
        .AddHostedService<GpioTriggers>()
        .AtStart(s => MqttFrames.Subscribe(
            s.GetRequiredService<IMqttLink>(), s.GetRequiredService<IReadOnlyList<Camera>>(), s.GetRequiredService<TriggerService>(),
            s.GetRequiredService<MemoryBudget>(), s.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(MqttFrames))));
}
