namespace MrfAd.Contracts;

public static class VerdictNames
{
    /// <summary>Returns the verdict as in the messages: "OK", "NG", "INVALID" or "TIMEOUT".</summary>
    public static string ToText(this Verdict verdict) => verdict.ToString().ToUpperInvariant();
}
