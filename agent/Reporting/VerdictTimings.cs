using System.ComponentModel;

namespace MrfAd.Agent.Reporting;

[Description("Milliseconds per stage; 0 for a stage that was not reached.")]
public sealed record VerdictTimings
{
    [Description("Waiting between capture and inspection.")]
    public double Queue { get; init; }

    [Description("From the camera's or the file's bytes to pixels.")]
    public double Decode { get; init; }

    [Description("Resize, normalise, encode.")]
    public double Features { get; init; }

    [Description("Nearest neighbours in all banks.")]
    public double Search { get; init; }

    [Description("Upsampling, mean, regions.")]
    public double Fuse { get; init; }

    [Description("From the trigger to the finished verdict.")]
    public required double Total { get; init; }
}
