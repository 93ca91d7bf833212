using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MrfAd.Contracts;

[Description("Milliseconds per stage; 0 for a stage that was not reached.")]
public sealed record VerdictTimings
{
    [Description("Waiting between capture and inspection.")]
    [Range(0, double.MaxValue)]
    public double Queue { get; init; }

    [Description("From the camera's or the file's bytes to pixels.")]
    [Range(0, double.MaxValue)]
    public double Decode { get; init; }

    [Description("Finding the part and turning it upright, where the bank aligns frames.")]
    [Range(0, double.MaxValue)]
    public double Align { get; init; }

    [Description("Reading the code in the image, beside the other stages.")]
    [Range(0, double.MaxValue)]
    public double Code { get; init; }

    [Description("Separating the part from its background.")]
    [Range(0, double.MaxValue)]
    public double Mask { get; init; }

    [Description("Resize, normalise, encode.")]
    [Range(0, double.MaxValue)]
    public double Features { get; init; }

    [Description("Nearest neighbours in all banks.")]
    [Range(0, double.MaxValue)]
    public double Search { get; init; }

    [Description("Upsampling, mean, regions.")]
    [Range(0, double.MaxValue)]
    public double Fuse { get; init; }

    [Description("From the trigger to the finished verdict.")]
    [Range(0, double.MaxValue)]
    public required double Total { get; init; }
}
