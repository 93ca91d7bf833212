using System.ComponentModel;

namespace MrfAd.Contracts;

public sealed record BankOutcome
{
    public required BankVersion Bank { get; init; }

    [Description("accepted (it judges), confirmed (its first verdicts are in the accepted range), refused (it never judged), rolled_back (it judged, and the one before is back).")]
    public required UpdateResult Result { get; init; }

    [Description("One sentence that names the cause.")]
    public required string Reason { get; init; }

    public required DateTimeOffset At { get; init; }
}
