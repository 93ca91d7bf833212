using MrfAd.Contracts;

namespace MrfAd.Station.Options;

/// <summary>The options of a reject output: the GPIO line, and the pulse on it that rejects a part.</summary>
public sealed record RejectOutputOptions
{
    /// <summary>The GPIO chip and line, such as gpiochip0:27.</summary>
    public string Line { get; init; } = "";

    /// <summary>The verdicts that reject a part.</summary>
    public IReadOnlyList<Verdict> On { get; init; } = [Verdict.Ng, Verdict.Invalid, Verdict.Timeout];

    /// <summary>The time from the trigger to the pulse, in which the part travels to the reject station; a verdict that comes later is too late. With zero the pulse comes at once.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>The length of the pulse, 1 ms to 24 h.</summary>
    public TimeSpan Width { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Makes the pulse low, and the line high otherwise.</summary>
    public bool ActiveLow { get; init; }
}
