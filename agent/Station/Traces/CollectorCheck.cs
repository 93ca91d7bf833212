using System.Diagnostics;
using MrfAd.Station.Options;
using OpenTelemetry;
using OpenTelemetry.Exporter;

namespace MrfAd.Station.Traces;

/// <summary>Checks that the collector takes traces.</summary>
public static class CollectorCheck
{
    /// <summary>Sends an empty batch.</summary>
    /// <returns>One sentence that says what was found.</returns>
    /// <exception cref="IOException">The headers file cannot be used, or the collector does not take the batch; the text says why.</exception>
    public static string Run(TracesOptions options)
    {
        using var connection = new CollectorConnection(options);
        using var exporter = new OtlpTraceExporter(SpanExporter.Options(options, connection));
        return exporter.Export(new Batch<Activity>([], 0)) == ExportResult.Success
            ? $"{connection.Endpoint} takes traces"
            : throw new IOException($"traces do not reach {connection.Endpoint}: {connection.LastError ?? "it refused them"}");
    }
}
