using Microsoft.Extensions.DependencyInjection;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Station.Results;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Outbox;

public static class OutboxRegistration
{
    /// <summary>Registers the results database in the state folder, and the outbox on top of it.</summary>
    /// <param name="write">Makes the MQTT message from headers and payload; the flag is true where the message is historical.</param>
    public static IServiceCollection AddOutbox(
        this IServiceCollection services, StationOptions options, Func<IServiceProvider, Func<MessageHeaders, ReadOnlyMemory<byte>, bool, MqttMessage>> write) => services
        .AddSingleton(s => new ResultsStore(options.StateFolder, s.GetRequiredService<TimeProvider>()))
        .AddSingleton(s => ActivatorUtilities.CreateInstance<StationOutbox>(s, options.Outbox, write(s)))
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
