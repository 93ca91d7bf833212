using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MrfAd.Contracts;

[Description("The code (Data Matrix, QR, bar code) that the camera looks for in its image.")]
public sealed record VerdictCode
{
    [Description("The text of the code; null where none was read.")]
    [Length(1, PartInfo.MaxSerialLength)]
    public string? Text { get; init; }

    [Description("data_matrix, qr, code_128 or another kind; null where none was read.")]
    public string? Format { get; init; }

    [Description("Where it is: the bounding box of the points by which it was located; null where none was read.")]
    public VerdictBox? Region { get; init; }

    [Description("Why none was read, one sentence; otherwise null.")]
    public string? Reason { get; init; }
}
