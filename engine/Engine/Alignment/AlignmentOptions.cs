using System.Text.Json.Serialization;

namespace MrfAd.Engine.Alignment;

/// <summary>The range within which parts are searched for.</summary>
public sealed record AlignmentOptions
{
    /// <summary>True where the part's size may differ from the reference's by up to a tenth, too.</summary>
    public bool Scale { get; init; }

    /// <summary>The maximum angle in degrees by which a part is turned to either side, above 0; 180 allows any.</summary>
    public double MaxAngle { get; init; } = 180;

    /// <summary>The maximum shift of the part's centre to each side, as a share of the image's longer side.</summary>
    public double MaxShift { get; init; } = 0.25;

    /// <summary>The reason why the options are not valid; null where they are.</summary>
    [JsonIgnore]
    public string? Fault =>
        MaxAngle is not (> 0 and <= 180) ? FormattableString.Invariant($"the maximum angle is {MaxAngle}, want above 0 and up to 180")
        : MaxShift is not (> 0 and <= 1) ? FormattableString.Invariant($"the maximum shift is {MaxShift}, want above 0 and up to 1")
        : null;
}
