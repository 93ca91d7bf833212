using MrfAd.Contracts;

namespace MrfAd.Station.Options;

/// <summary>A pulse on a GPIO line that rejects a part.</summary>
public sealed record RejectOutputOptions
{
    /// <summary>Chip and line: gpiochip0:27.</summary>
    public string Line { get; init; } = "";

    /// <summary>The verdicts that reject.</summary>
    public IReadOnlyList<Verdict> On { get; init; } = [Verdict.Ng, Verdict.Invalid, Verdict.Timeout];

    /// <summary>From the trigger to the pulse: the part's way to the gate. A verdict that comes later than this is too late; zero: at once.</summary>
    public TimeSpan Delay { get; init; }

    public TimeSpan Width { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>The pulse is low, and the line high otherwise.</summary>
    public bool ActiveLow { get; init; }
}
