namespace MrfAd.Station.Capture;

/// <summary>The maximum time without a frame from a camera that sends frames by itself.</summary>
/// <param name="configured">The configured limit; zero means no limit. With null it is ten times the longest pause between frames so far, at least 3 s, and 30 s before the first pause.</param>
public sealed class SilenceLimit(TimeSpan? configured)
{
    // A stream must be opened and negotiated, and then waits for its first whole picture.
    private static readonly TimeSpan OpeningLimit = TimeSpan.FromSeconds(30);

    // Pauses of a second or two occur when a camera adapts its exposure or a network retransmits.
    private static readonly TimeSpan MinLimit = TimeSpan.FromSeconds(3);

    /// <param name="isOpen">False while the camera is being opened; then the limit is 30 s, unless there is none.</param>
    /// <param name="longestPause">The longest pause between two frames so far; zero before there were two.</param>
    /// <returns>The limit; <see cref="TimeSpan.MaxValue"/> means that there is none.</returns>
    public TimeSpan Of(bool isOpen, TimeSpan longestPause) =>
        configured == TimeSpan.Zero ? TimeSpan.MaxValue
        : !isOpen ? OpeningLimit
        : configured ?? (longestPause == TimeSpan.Zero ? OpeningLimit : TimeSpan.FromTicks(Math.Max(MinLimit.Ticks, 10 * longestPause.Ticks)));
}
