namespace MrfAd.Station.Runtime;

/// <summary>The names of the station's spans, a public contract; those of the stages of an inspection are in <see cref="Engine.Verdicts.StageSpans"/>.</summary>
public static class SpanNames
{
    /// <summary>The whole part, from its trigger to its verdict.</summary>
    public const string Part = "part";

    /// <summary>The trigger's way to the disk.</summary>
    public const string Trigger = "trigger";

    /// <summary>The wait for the frame, and its decoding.</summary>
    public const string Capture = "capture";

    /// <summary>The wait for the inspection.</summary>
    public const string Queue = "queue";

    /// <summary>The inspection, with the stages of the detector below it.</summary>
    public const string Inspect = "inspect";

    /// <summary>The wait of the verdict in the outbox.</summary>
    public const string Outbox = "outbox";

    /// <summary>One attempt to publish the verdict, until the broker has acknowledged it.</summary>
    public const string Publish = "publish";
}
