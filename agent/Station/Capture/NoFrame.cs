using MrfAd.Engine.Verdicts;

namespace MrfAd.Station.Capture;

/// <summary>Why a trigger has no judged image: the verdict's reason.</summary>
/// <param name="Text">One sentence.</param>
/// <param name="Fault">What is wrong with the image, measured; null where there is none to measure.</param>
public sealed record NoFrame(NoFrameCause Cause, string Text, ImageFault? Fault = null)
{
    public static NoFrame Of(ImageFault fault) => new(
        fault.Kind switch
        {
            ImageFaultKind.Dark => NoFrameCause.Dark,
            ImageFaultKind.BlownOut => NoFrameCause.BlownOut,
            ImageFaultKind.Blurred => NoFrameCause.Blurred,
            ImageFaultKind.PartAbsent => NoFrameCause.PartAbsent,
            _ => NoFrameCause.PartMoved,
        },
        fault.ToString(),
        fault);
}
