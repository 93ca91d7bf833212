using MrfAd.Station.Options;

namespace MrfAd.Station.Inspection;

/// <summary>The running medians of one camera's last frames, relative to one bank.</summary>
internal sealed class CameraDrift(string bankSha256, int frames)
{
    public string BankSha256 { get; } = bankSha256;

    public RunningMedian Light { get; } = new(frames);

    public RunningMedian Focus { get; } = new(frames);

    public RunningMedian X { get; } = new(frames);

    public RunningMedian Y { get; } = new(frames);

    public RunningMedian PValue { get; } = new(frames);

    /// <summary>The kinds of drift of which the station has been warned.</summary>
    public HashSet<DriftKind> Warned { get; } = [];
}
