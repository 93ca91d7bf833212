using System.Diagnostics;
using Microsoft.Extensions.Logging;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;
using OpenTelemetry;
using OpenTelemetry.Exporter;

namespace MrfAd.Station.Traces;

/// <summary>Sends spans to the collector, counts those that it took and did not take, and logs once when it stops taking them and when it takes them again.</summary>
public sealed partial class SpanExporter : OtlpTraceExporter
{
    private const string HttpPath = "/v1/traces";

    private readonly CollectorConnection _connection;
    private readonly MrfAdMeter _meter;
    private readonly ILogger<SpanExporter> _log;
    private long _lost;

    /// <exception cref="IOException">The headers file cannot be read or used; the text names it, and shows nothing of it.</exception>
    public SpanExporter(TracesOptions options, MrfAdMeter meter, ILogger<SpanExporter> log)
        : this(new CollectorConnection(options), options, meter, log)
    {
    }

    private SpanExporter(CollectorConnection connection, TracesOptions options, MrfAdMeter meter, ILogger<SpanExporter> log)
        : base(Options(options, connection))
    {
        (_connection, _meter, _log) = (connection, meter, log);
        foreach (var result in (string[])["sent", "failed", "dropped"])
            meter.SpansEnded(result, 0);
    }

    /// <summary>Raised after each transmission with the number of its spans, whether the collector took them or not.</summary>
    public event Action<long>? Exported;

    public override ExportResult Export(in Batch<Activity> activityBatch)
    {
        var count = activityBatch.Count;
        var result = base.Export(activityBatch);
        Exported?.Invoke(count);
        _meter.SpansEnded(result == ExportResult.Success ? "sent" : "failed", count);
        if (result == ExportResult.Success && _lost > 0)
        {
            LogTaken(_connection.Endpoint, _lost);
            _lost = 0;
        }
        else if (result != ExportResult.Success)
        {
            if (_lost == 0)
                LogLost(_connection.Endpoint, _connection.LastError ?? "it refused them");
            _lost += count;
        }

        return result;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _connection.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>Makes the exporter's options. All are set, so that none comes from OpenTelemetry's environment variables.</summary>
    internal static OtlpExporterOptions Options(TracesOptions options, CollectorConnection connection) => new()
    {
        Protocol = options.Protocol == TraceProtocol.Grpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf,
        Endpoint = new Uri(options.Protocol == TraceProtocol.Grpc ? connection.Endpoint : connection.Endpoint + HttpPath),
        Headers = "",
        TimeoutMilliseconds = (int)options.Timeout.TotalMilliseconds,
        HttpClientFactory = connection.Client,
    };

    [LoggerMessage(471, LogLevel.Warning, "Traces do not reach {Endpoint}: {Why}. The station goes on without them, and tries again with each batch")]
    private partial void LogLost(string endpoint, string why);

    [LoggerMessage(472, LogLevel.Information, "Traces reach {Endpoint} again; {Lost} spans are lost")]
    private partial void LogTaken(string endpoint, long lost);
}
