using System.Text.Json.Serialization;

namespace MrfAd.Station.Options;

/// <summary>The transports of OTLP, by OpenTelemetry's names.</summary>
public enum TraceProtocol
{
    /// <summary>Protocol Buffers over HTTP/1.1; the path <c>/v1/traces</c> is added to the address.</summary>
    [JsonStringEnumMemberName("http/protobuf")]
    HttpProtobuf,

    /// <summary>gRPC, over HTTP/2.</summary>
    Grpc,
}
