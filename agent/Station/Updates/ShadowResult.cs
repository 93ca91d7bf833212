namespace MrfAd.Station.Updates;

/// <summary>The verdicts of the version in use and of a new version on the same images.</summary>
public sealed record ShadowResult
{
    /// <summary>Number of good reference parts.</summary>
    public int Good { get; init; }

    /// <summary>Number of good reference parts that the version in use judges NG: false rejects (overkill).</summary>
    public int OldFalseAlarms { get; init; }

    public int NewFalseAlarms { get; init; }

    /// <summary>Number of defective reference parts.</summary>
    public int Bad { get; init; }

    /// <summary>Number of defective reference parts that the version in use judges OK: misses (escapes).</summary>
    public int OldMisses { get; init; }

    public int NewMisses { get; init; }

    /// <summary>Number of stored frames of the line; it is not known which of them are defective.</summary>
    public int Frames { get; init; }

    public int OldAlarms { get; init; }

    public int NewAlarms { get; init; }

    /// <summary>Number of frames that were OK and would be NG.</summary>
    public int Appeared { get; init; }

    /// <summary>Number of frames that were NG and would be OK.</summary>
    public int Vanished { get; init; }

    /// <summary>Share of the frames that the version in use judges NG, from 0 to 1; 0 where there are no frames.</summary>
    public double OldAlarmShare => Frames == 0 ? 0 : (double)OldAlarms / Frames;

    /// <summary>Decides whether the new version may judge the line.</summary>
    /// <param name="maxNewAlarms">Maximum share of good parts and of frames that may become NG, from 0 to 1.</param>
    /// <returns>One sentence that says why the new version is refused; null where it may judge.</returns>
    public string? Refuse(double maxNewAlarms) =>
        NewMisses > OldMisses ? $"it misses {NewMisses} of {Bad} defective reference parts, the version in use {OldMisses}"
        : NewFalseAlarms > OldFalseAlarms + (maxNewAlarms * Good) ? $"it calls {NewFalseAlarms} of {Good} good reference parts NG, the version in use {OldFalseAlarms}"
        : Appeared > maxNewAlarms * Frames ? $"it calls {Appeared} of the last {Frames} frames NG that were OK, at most {maxNewAlarms * Frames:0.#} may change"
        : null;

    public override string ToString() =>
        $"reference parts: {NewFalseAlarms} of {Good} good ones NG (before: {OldFalseAlarms}), {NewMisses} of {Bad} defective ones missed ({OldMisses}); last {Frames} frames: {NewAlarms} NG ({OldAlarms})";
}
