using MrfAd.Engine.Codes;
using MrfAd.Engine.Verdicts;

namespace MrfAd.Station.Capture;

/// <summary>The reason why a trigger has no judged image; it becomes the reason of the verdict.</summary>
/// <param name="Cause">The kind of reason, which metrics count.</param>
/// <param name="Text">The reason in one sentence.</param>
/// <param name="Fault">The measured fault of the image; null where there is no image or no such fault.</param>
public sealed record NoFrame(NoFrameCause Cause, string Text, ImageFault? Fault = null)
{
    /// <returns>The reason for an image whose code cannot be read although the part must carry one.</returns>
    public static NoFrame Of(CodeReading reading) => new(NoFrameCause.CodeUnreadable, $"its code could not be read: {reading.Reason}", new ImageFault(ImageFaultKind.CodeUnreadable, 0, 1));

    /// <returns>The reason for an image with a fault.</returns>
    public static NoFrame Of(ImageFault fault) => new(
        fault.Kind switch
        {
            ImageFaultKind.Dark => NoFrameCause.Dark,
            ImageFaultKind.BlownOut => NoFrameCause.BlownOut,
            ImageFaultKind.Blurred => NoFrameCause.Blurred,
            ImageFaultKind.PartAbsent => NoFrameCause.PartAbsent,
            ImageFaultKind.ProductMismatch => NoFrameCause.ProductMismatch,
            ImageFaultKind.NotAligned => NoFrameCause.NotAligned,
            ImageFaultKind.CodeUnreadable => NoFrameCause.CodeUnreadable,
            _ => NoFrameCause.PartMoved,
        },
        fault.ToString(),
        fault);
}
