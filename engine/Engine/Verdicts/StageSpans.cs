using System.Diagnostics;

namespace MrfAd.Engine.Verdicts;

/// <summary>The spans of the stages of an inspection, below the span of the caller. Without one nothing is done, and nothing is allocated.</summary>
public static class StageSpans
{
    public const string Align = "align";

    public const string Mask = "mask";

    public const string Features = "features";

    public const string Search = "search";

    public const string Fuse = "fuse";

    /// <summary>The source of these spans, for an exporter.</summary>
    public static ActivitySource Source { get; } = new("MrfAd.Engine");

    /// <summary>Adds the spans of stages that have ended.</summary>
    /// <param name="stages">The stages, each with its start and end as timestamps of the clock; one that has no length was not run.</param>
    public static void Add(TimeProvider clock, params ReadOnlySpan<(string Name, long Start, long End)> stages)
    {
        if (Activity.Current is not { Recorded: true })
            return;
        var (now, timestamp) = (clock.GetUtcNow(), clock.GetTimestamp());
        foreach (var (name, start, end) in stages)
        {
            if (start == end)
                continue;
            using var span = Source.StartActivity(name, ActivityKind.Internal, default(ActivityContext), startTime: now - clock.GetElapsedTime(start, timestamp));
            span?.SetEndTime((now - clock.GetElapsedTime(end, timestamp)).UtcDateTime);
        }
    }
}
