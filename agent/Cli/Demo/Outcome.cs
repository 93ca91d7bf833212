namespace MrfAd.Cli.Demo;

/// <summary>The verdict beside the truth.</summary>
public enum Outcome
{
    /// <summary>Defective and NG.</summary>
    Found,

    /// <summary>Defective and OK.</summary>
    Missed,

    /// <summary>Good and NG.</summary>
    FalseAlarm,

    /// <summary>Good and OK.</summary>
    Passed,

    /// <summary>INVALID or TIMEOUT.</summary>
    NotJudged,
}
