using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MrfAd.Contracts;

/// <summary>The payload of <c>bank</c>: retained, QoS 1.</summary>
[Description("The bank that judges, the one that a rollback brings back, and the progress of an update.")]
public sealed record BankMessage
{
    public const string SchemaName = "mrfad.bank.v1";

    [Description("Name and version of this format.")]
    public string Schema { get; init; } = SchemaName;

    [Length(1, StationTopics.MaxNameLength)]
    public required string Station { get; init; }

    [Description("The cameras whose frames this detector judges.")]
    public required IReadOnlyList<string> Cameras { get; init; }

    [Description("The product that this detector judges; null where the station has no products.")]
    public string? Product { get; init; }

    [Description("The bank that judges; null until it is loaded.")]
    public BankVersion? Current { get; init; }

    [Description("The bank that a rollback brings back; null where there is none.")]
    public BankVersion? Previous { get; init; }

    [Description("The update under way; null where there is none.")]
    public BankUpdate? Update { get; init; }

    [Description("The outcome of the last update; null where there was none.")]
    public BankOutcome? Last { get; init; }

    public required DateTimeOffset At { get; init; }
}
