using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MrfAd.Engine.Verdicts;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace MrfAd.Station.Traces;

public static class TracesRegistration
{
    /// <summary>Registers the resource in the metrics, and the export of traces where a collector is configured; without one nothing listens to the spans, and they cost nothing.</summary>
    public static IServiceCollection AddTraces(this IServiceCollection services, StationOptions options)
    {
        var resource = ServiceResource.Of(options);
        services.AtStart(s => s.GetRequiredService<MrfAdMeter>().SetResource(resource));
        if (options.Traces.Endpoint is null)
            return services;
        // Opened at the start, so that a headers file that cannot be used ends it.
        services.AddSingleton(s => new SpanExporter(options.Traces, s.GetRequiredService<MrfAdMeter>(), s.GetRequiredService<ILogger<SpanExporter>>()))
            .AtStart(s => s.GetRequiredService<SpanExporter>())
            .AddOpenTelemetry()
            // None of the environment's attributes: the configuration alone says what the station is called.
            .ConfigureResource(builder => builder.Clear().AddTelemetrySdk().AddAttributes(resource))
            .WithTracing(traces => traces
                .AddSource(PartTrace.Source.Name, StageSpans.Source.Name)
                .SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(options.Traces.SamplingRatio)))
                .AddProcessor(s => new SpanQueue(s.GetRequiredService<SpanExporter>(), options.Traces, s.GetRequiredService<MrfAdMeter>())));
        return services;
    }
}
