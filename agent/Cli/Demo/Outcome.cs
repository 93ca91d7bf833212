namespace MrfAd.Cli.Demo;

/// <summary>A verdict compared with the ground truth.</summary>
public enum Outcome
{
    /// <summary>The part is defective and the verdict NG.</summary>
    Found,

    /// <summary>The part is defective and the verdict OK: a miss (escape).</summary>
    Missed,

    /// <summary>The part is good and the verdict NG: a false alarm (false reject, overkill).</summary>
    FalseAlarm,

    /// <summary>The part is good and the verdict OK.</summary>
    Passed,

    /// <summary>The verdict is INVALID or TIMEOUT.</summary>
    NotJudged,
}
