namespace MrfAd.Contracts;

public static class VerdictNames
{
    /// <returns>As in the messages: "OK", "NG", "INVALID", "TIMEOUT".</returns>
    public static string ToText(this Verdict verdict) => verdict.ToString().ToUpperInvariant();
}
