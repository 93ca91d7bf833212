namespace MrfAd.Station.Capture;

/// <summary>How long a camera that sends frames by itself may send none.</summary>
/// <param name="configured">Zero: for ever. Null: ten times its longest pause so far, at least 3 s; 30 s until there has been one.</param>
public sealed class SilenceLimit(TimeSpan? configured)
{
    // A stream is opened, negotiated and waits for its first whole picture.
    private static readonly TimeSpan First = TimeSpan.FromSeconds(30);

    // A pause of a second or two is a camera that adapts, or a network that sends again.
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(3);

    /// <param name="isOpen">False: it is still being opened, whatever is configured.</param>
    /// <param name="longestPause">Between two of its frames; zero: there have not been two.</param>
    /// <returns><see cref="TimeSpan.MaxValue"/>: for ever.</returns>
    public TimeSpan Of(bool isOpen, TimeSpan longestPause) =>
        configured == TimeSpan.Zero ? TimeSpan.MaxValue
        : !isOpen ? First
        : configured ?? (longestPause == TimeSpan.Zero ? First : TimeSpan.FromTicks(Math.Max(Least.Ticks, 10 * longestPause.Ticks)));
}
