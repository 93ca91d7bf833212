namespace MrfAd.Station.Options;

/// <summary>The export of traces over OTLP, OpenTelemetry's protocol.</summary>
public sealed record TracesOptions
{
    /// <summary>The address of the collector, for example "http://127.0.0.1:4318"; null: no traces.</summary>
    public string? Endpoint { get; init; }

    /// <summary>The transport of OTLP.</summary>
    public TraceProtocol Protocol { get; init; } = TraceProtocol.HttpProtobuf;

    /// <summary>The file with headers for the collector, one on each line: <c>Name: value</c>; null: none.</summary>
    public string? HeadersFile { get; init; }

    /// <summary>The share of the parts that are traced, above 0 to 1. A sender's trace is joined where it is sampled there.</summary>
    public double SamplingRatio { get; init; } = 1;

    /// <summary>The number of spans that wait for the collector, 1 to 100000; further ones are lost.</summary>
    public int QueueLength { get; init; } = 2048;

    /// <summary>The time after which one transmission is given up.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);
}
