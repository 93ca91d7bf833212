using Microsoft.Extensions.DependencyInjection;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Outbox;

public static class OutboxRegistration
{
    /// <summary>Registers the outbox, which is kept in the state folder.</summary>
    /// <param name="write">Makes the MQTT message from headers and payload; the flag is true where the message is historical.</param>
    public static IServiceCollection AddOutbox(
        this IServiceCollection services, StationOptions options, Func<IServiceProvider, Func<MessageHeaders, ReadOnlyMemory<byte>, bool, MqttMessage>> write) => services
        .AddSingleton(s => ActivatorUtilities.CreateInstance<StationOutbox>(s, Path.Combine(options.StateFolder, "outbox"), options.Outbox, write(s)))
        .AtStart(s =>
        {
            var (meter, clock) = (s.GetRequiredService<MrfAdMeter>(), s.GetRequiredService<TimeProvider>());
            s.GetRequiredService<StationOutbox>().VerdictSent += message =>
            {
                if (!message.IsHistorical)
                    meter.Output(message.Headers.Camera, "mqtt", clock.GetUtcNow() - message.Headers.At);
            };
        });
}
