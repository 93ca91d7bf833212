namespace MrfAd.Station.Capture;

/// <summary>One request for a verdict. Each ends as exactly one.</summary>
/// <param name="VerdictId">Unique for ever, sorts by time (UUID version 7).</param>
/// <param name="Seq">Counts the camera's triggers from 1, over restarts.</param>
/// <param name="Id">What the asker calls it, or the verdict's id.</param>
/// <param name="Source">"mqtt", "http", "gpio", "line", "interval" or "free_run".</param>
/// <param name="Timestamp">The moment on the clock's tick counter, to measure from; <paramref name="At"/> is for people.</param>
/// <param name="Refusal">Why no frame is taken for it; null where one is.</param>
public sealed record Trigger(Guid VerdictId, long Seq, string Id, string Source, DateTimeOffset At, long Timestamp, NoFrame? Refusal);
