using MrfAd.Engine.Alignment;

namespace MrfAd.Cli.Terminal;

/// <summary>Describes an alignment.</summary>
internal static class AlignmentText
{
    /// <returns>One sentence for people, such as "aligned to 012.png (…)".</returns>
    public static string Describe(AlignmentReference reference)
    {
        var options = reference.Options;
        var angle = options.MaxAngle < 180 ? FormattableString.Invariant($"turned by up to {options.MaxAngle:0.#}°") : "turned by any angle";
        var scale = options.Scale ? ", sizes differ by up to a tenth" : "";
        return FormattableString.Invariant($"aligned to {reference.Image}: shifted by up to {options.MaxShift:P0}, {angle}{scale}; a quality below {reference.MinQuality:0.00} is INVALID");
    }
}
