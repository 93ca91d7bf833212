using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MrfAd.Contracts;

/// <summary>The payload of <c>bank</c>: retained, QoS 1.</summary>
[Description("By what parts are judged, to what one can go back, and how far the next version has come.")]
public sealed record BankMessage
{
    public const string SchemaName = "mrfad.bank.v1";

    [Description("Name and version of this format.")]
    public string Schema { get; init; } = SchemaName;

    [Length(1, StationTopics.LongestName)]
    public required string Station { get; init; }

    [Description("The cameras whose frames it judges.")]
    public required IReadOnlyList<string> Cameras { get; init; }

    [Description("Null until it is loaded.")]
    public BankVersion? Current { get; init; }

    [Description("What a rollback brings back; null where there is none.")]
    public BankVersion? Previous { get; init; }

    [Description("The version on its way; null where there is none.")]
    public BankUpdate? Update { get; init; }

    [Description("How the last one ended; null where there was none.")]
    public BankOutcome? Last { get; init; }

    public required DateTimeOffset At { get; init; }
}
