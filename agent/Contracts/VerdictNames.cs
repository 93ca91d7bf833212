namespace MrfAd.Contracts;

public static class VerdictNames
{
    /// <summary>Returns the verdict as in the messages: "OK", "NG", "INVALID", "TIMEOUT" or "COLLECTING".</summary>
    public static string ToText(this Verdict verdict) => verdict.ToString().ToUpperInvariant();
}
