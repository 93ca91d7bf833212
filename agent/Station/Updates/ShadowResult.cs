namespace MrfAd.Station.Updates;

/// <summary>What the old and the new version say of the same parts.</summary>
public sealed record ShadowResult
{
    public int Good { get; init; }

    /// <summary>Golden parts that are good and were called NG.</summary>
    public int OldFalseAlarms { get; init; }

    public int NewFalseAlarms { get; init; }

    public int Bad { get; init; }

    /// <summary>Golden parts that are defective and were called OK.</summary>
    public int OldMisses { get; init; }

    public int NewMisses { get; init; }

    /// <summary>Frames of the line, newest first; nobody knows what they really are.</summary>
    public int Frames { get; init; }

    public int OldAlarms { get; init; }

    public int NewAlarms { get; init; }

    /// <summary>Were OK, would be NG.</summary>
    public int Appeared { get; init; }

    /// <summary>Were NG, would be OK.</summary>
    public int Vanished { get; init; }

    /// <summary>The share of frames that were NG before; 0 where there are none.</summary>
    public double OldAlarmShare => Frames == 0 ? 0 : (double)OldAlarms / Frames;

    /// <returns>Why the new version may not judge; null: it may.</returns>
    public string? Refuse(double mostNewAlarms) =>
        NewMisses > OldMisses ? $"it misses {NewMisses} of {Bad} defective golden parts, the version in use {OldMisses}"
        : NewFalseAlarms > OldFalseAlarms + (mostNewAlarms * Good) ? $"it calls {NewFalseAlarms} of {Good} good golden parts NG, the version in use {OldFalseAlarms}"
        : Appeared > mostNewAlarms * Frames ? $"it calls {Appeared} of the last {Frames} frames NG that were OK, at most {mostNewAlarms * Frames:0.#} may change"
        : null;

    public override string ToString() =>
        $"golden parts: {NewFalseAlarms} of {Good} good ones NG (before: {OldFalseAlarms}), {NewMisses} of {Bad} defective ones missed ({OldMisses}); last {Frames} frames: {NewAlarms} NG ({OldAlarms})";
}
