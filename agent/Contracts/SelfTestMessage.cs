using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MrfAd.Contracts;

/// <summary>The payload of <c>self-test</c>: retained, QoS 1; and the result of <c>cmd/selftest</c>.</summary>
[Description("The result of a self-test: the station has inspected its reference parts, whose verdicts and scores must be the same as before.")]
public sealed record SelfTestMessage
{
    public const string SchemaName = "mrfad.self-test.v1";

    [Description("Name and version of this format.")]
    public string Schema { get; init; } = SchemaName;

    [Length(1, StationTopics.MaxNameLength)]
    public required string Station { get; init; }

    [Description("The product whose reference parts were inspected; null where the station has no products.")]
    public string? Product { get; init; }

    public required bool Passed { get; init; }

    [Description("One sentence that says what is wrong; null where it passed.")]
    public string? Reason { get; init; }

    public required BankVersion Bank { get; init; }

    public required IReadOnlyList<ReferencePartResult> Parts { get; init; }

    public required DateTimeOffset At { get; init; }
}
