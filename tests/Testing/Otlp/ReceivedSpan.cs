using System.Globalization;
using MrfAd.Testing.Otlp.Format;

namespace MrfAd.Testing.Otlp;

/// <summary>A span as a collector has received it.</summary>
/// <param name="Parent">The id of the parent's span; "" for a root.</param>
/// <param name="Start">In nanoseconds since 1970.</param>
/// <param name="Error">The message of the status, where that is an error; null where it is not.</param>
public sealed record ReceivedSpan(
    string Trace, string Id, string Parent, string Name, int Kind, ulong Start, ulong End, string? Error, IReadOnlyDictionary<string, string> Attributes, IReadOnlyDictionary<string, string> Resource)
{
    internal static IEnumerable<ReceivedSpan> Of(TraceRequest request) =>
        from resource in request.ResourceSpans
        let attributes = Texts(resource.Resource?.Attributes ?? [])
        from span in resource.ScopeSpans.SelectMany(scope => scope.Spans)
        select new ReceivedSpan(
            Hex(span.TraceId), Hex(span.SpanId), Hex(span.ParentSpanId), span.Name, span.Kind, span.StartTimeUnixNano, span.EndTimeUnixNano,
            span.Status?.Code == 2 ? span.Status.Message : null, Texts(span.Attributes), attributes);

    private static string Hex(Google.Protobuf.ByteString bytes) => Convert.ToHexStringLower(bytes.Span);

    private static Dictionary<string, string> Texts(IEnumerable<KeyValue> attributes) => attributes.ToDictionary(a => a.Key, a => a.Value.ValueCase switch
    {
        Value.ValueOneofCase.Whole => a.Value.Whole.ToString(CultureInfo.InvariantCulture),
        Value.ValueOneofCase.Number => a.Value.Number.ToString(CultureInfo.InvariantCulture),
        Value.ValueOneofCase.Flag => a.Value.Flag ? "true" : "false",
        _ => a.Value.Text,
    });
}
