using System.ComponentModel;

namespace MrfAd.Contracts;

[Description("The result of cmd/collect: the collection of a camera and product.")]
public sealed record CollectResult
{
    public required string Camera { get; init; }

    [Description("The product; null where the station has none.")]
    public string? Product { get; init; }

    [Description("The number of good parts of all cameras that will be judged by the model, from which it is learned.")]
    public required int Good { get; init; }

    [Description("The number of good parts from which on a model can be learned.")]
    public required int Wanted { get; init; }

    [Description("The number of other frames that are kept, the newest.")]
    public required int Others { get; init; }

    [Description("True while the model is being learned.")]
    public required bool Learning { get; init; }

    [Description("Why the last attempt to learn has failed; null where none has.")]
    public string? Failure { get; init; }
}
