using System.ComponentModel;

namespace MrfAd.Contracts;

[Description("Why an image cannot be judged: a value outside the range of the good images.")]
public sealed record VerdictFault
{
    [Description("dark, blown_out, blurred, part_absent, part_moved, product_mismatch, not_aligned or code_unreadable; more kinds may come.")]
    public required string Kind { get; init; }

    [Description("The measured value; the reason says which one.")]
    public required double Value { get; init; }

    [Description("The limit that it is beyond, learned from the good parts.")]
    public required double Limit { get; init; }
}
