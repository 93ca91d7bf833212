using Microsoft.Extensions.DependencyInjection;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Outbox;

public static class OutboxServices
{
    /// <summary>Registers the outbox, in the state folder.</summary>
    /// <param name="write">Makes the MQTT message of an entry: label, content, and whether it is late.</param>
    public static IServiceCollection AddOutbox(
        this IServiceCollection services, StationOptions options, Func<IServiceProvider, Func<Label, ReadOnlyMemory<byte>, bool, MqttMessage>> write) => services
        .AddSingleton(s => ActivatorUtilities.CreateInstance<StationOutbox>(s, Path.Combine(options.StateFolder, "outbox"), options.Outbox, write(s)))
        .AtStart(s =>
        {
            var (meter, clock) = (s.GetRequiredService<MrfAdMeter>(), s.GetRequiredService<TimeProvider>());
            s.GetRequiredService<StationOutbox>().VerdictSent += letter =>
            {
                if (!letter.Late)
                    meter.Output(letter.Label.Camera, "mqtt", clock.GetUtcNow() - letter.Label.At);
            };
        });
}
