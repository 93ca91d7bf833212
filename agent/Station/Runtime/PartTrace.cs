using System.Diagnostics;
using MrfAd.Contracts;

namespace MrfAd.Station.Runtime;

/// <summary>
/// The trace of one part: a span from its trigger to its verdict, and below it one for each step. Where nobody listens, or the part is not sampled, there is
/// no trace, and nothing is allocated.
/// </summary>
public sealed class PartTrace
{
    private readonly Activity _part;
    private readonly DateTimeOffset _at;
    private readonly long _timestamp;
    private readonly TimeProvider _clock;

    private PartTrace(Activity part, DateTimeOffset at, long timestamp, TimeProvider clock) => (_part, _at, _timestamp, _clock) = (part, at, timestamp, clock);

    /// <summary>The source of the station's spans, for an exporter.</summary>
    public static ActivitySource Source { get; } = new("MrfAd.Station", AgentVersion.Current);

    /// <summary>The W3C <c>traceparent</c> of spans below the part's.</summary>
    public string Traceparent => _part.Id!;

    /// <summary>Begins the trace of a trigger.</summary>
    /// <param name="sender">The span of the sender, see <see cref="SenderOf"/>; the default value begins a trace of the station's own.</param>
    /// <param name="source">The source of the trigger: "mqtt", "http", "gpio", "line", "interval" or "free_run".</param>
    /// <param name="at">The time of the trigger.</param>
    /// <param name="timestamp">The moment of the trigger on the clock's tick counter, from which all times of the trace are measured.</param>
    /// <returns>The trace; null where nobody listens or the part is not sampled.</returns>
    public static PartTrace? Begin(ActivityContext sender, string source, DateTimeOffset at, long timestamp, TimeProvider clock)
    {
        if (!Source.HasListeners())
            return null;
        // A span of the HTTP server or of a library is no parent: it is not exported, and would decide whether the part is sampled.
        var ambient = Activity.Current;
        Activity.Current = null;
        var part = Source.StartActivity(SpanNames.Part, KindOf(source), sender, startTime: at);
        if (part is { Recorded: false })
            part.Stop();
        Activity.Current = ambient;
        return part is { Recorded: true } ? new PartTrace(part, at, timestamp, clock) : null;
    }

    /// <summary>Reads the span of the sender of a trigger.</summary>
    /// <param name="traceparent">The W3C <c>traceparent</c> that came with the trigger; null where none came.</param>
    /// <param name="tracestate">The W3C <c>tracestate</c> that came with it.</param>
    /// <returns>The default value where nobody listens, none came or it is malformed: a trace of the station's own begins then, as the standard wants it.</returns>
    public static ActivityContext SenderOf(string? traceparent, string? tracestate = null) =>
        traceparent is not null && Source.HasListeners() && ActivityContext.TryParse(traceparent, tracestate, isRemote: true, out var sender) ? sender : default;

    /// <returns>The <c>traceparent</c> of a span; null for the default value.</returns>
    public static string? TraceparentOf(ActivityContext span) => span == default ? null : $"00-{span.TraceId}-{span.SpanId}-{(byte)span.TraceFlags:x2}";

    /// <summary>Adds a step that ends now.</summary>
    /// <param name="since">The start of the step, a timestamp of the clock.</param>
    /// <param name="error">The reason why the step failed; null where it did not.</param>
    public void Add(string step, long since, string? error = null)
    {
        using var span = Source.StartActivity(step, ActivityKind.Internal, _part.Context, startTime: At(since));
        if (error is not null)
            span?.SetStatus(ActivityStatusCode.Error, error);
        span?.SetEndTime(Now.UtcDateTime);
    }

    /// <summary>Starts a step. Spans that are started on this thread before it is disposed of are below it.</summary>
    public Activity? Start(string step) => Source.StartActivity(step, ActivityKind.Internal, _part.Context, startTime: Now);

    /// <summary>Ends the span of the part with its verdict.</summary>
    public void End(VerdictMessage verdict)
    {
        _part.SetTag(SpanAttributes.VerdictId, verdict.Id.ToString());
        _part.SetTag(SpanAttributes.VerdictResult, verdict.Verdict.ToText());
        _part.SetTag(SpanAttributes.VerdictSeq, verdict.Seq);
        _part.SetTag(SpanAttributes.VerdictScore, (double?)verdict.Score);
        _part.SetTag(SpanAttributes.VerdictThreshold, (double?)verdict.Threshold);
        _part.SetTag(SpanAttributes.TriggerId, verdict.Trigger.Id);
        _part.SetTag(SpanAttributes.TriggerSource, verdict.Trigger.Source);
        _part.SetTag(SpanAttributes.CameraName, verdict.Camera);
        _part.SetTag(SpanAttributes.ProductName, verdict.Product);
        _part.SetTag(SpanAttributes.BankId, verdict.Bank?.Id);
        _part.SetTag(SpanAttributes.BankVersion, verdict.Bank?.Version);
        if (verdict.Verdict is Verdict.Invalid or Verdict.Timeout)
        {
            _part.SetTag(SpanAttributes.ErrorType, verdict.Fault?.Kind ?? verdict.Verdict.ToText());
            _part.SetStatus(ActivityStatusCode.Error, verdict.Reason);
        }

        _part.SetEndTime(Now.UtcDateTime);
        var ambient = Activity.Current;
        _part.Stop();
        Activity.Current = ambient;
    }

    private DateTimeOffset Now => At(_clock.GetTimestamp());

    private DateTimeOffset At(long timestamp) => _at + _clock.GetElapsedTime(_timestamp, timestamp);

    private static ActivityKind KindOf(string source) => source switch
    {
        "mqtt" => ActivityKind.Consumer,
        "http" => ActivityKind.Server,
        _ => ActivityKind.Internal,
    };
}
