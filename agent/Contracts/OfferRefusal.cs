using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MrfAd.Contracts;

/// <summary>The payload of <c>update/refusal</c>.</summary>
[Description("An offer was refused at once, because of its content or its signature; nothing of it is fetched.")]
public sealed record OfferRefusal
{
    public const string SchemaName = "mrfad.refusal.v1";

    [Description("Name and version of this format.")]
    public string Schema { get; init; } = SchemaName;

    [Description("The SHA-256 of the offer's payload.")]
    [RegularExpression("^[0-9a-f]{64}$")]
    public required string OfferSha256 { get; init; }

    [Description("One sentence that names the cause.")]
    public required string Reason { get; init; }
}
