using System.Globalization;

namespace MrfAd.Station.History;

/// <summary>A place between two verdicts; the next page begins with the first verdict that is older.</summary>
/// <param name="At">The time of the last verdict that was looked at, in milliseconds since 1970 UTC.</param>
/// <param name="Number">Its number, since several may have one time.</param>
public readonly record struct HistoryCursor(long At, long Number)
{
    public override string ToString() => FormattableString.Invariant($"{At}-{Number}");

    /// <exception cref="FilterException">The text is no such place.</exception>
    public static HistoryCursor Parse(string text)
    {
        var parts = text.Split('-');
        return parts.Length == 2 && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var at) && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new HistoryCursor(at, number)
            : throw new FilterException($"before: want the 'next' of an earlier page, got '{text}'");
    }
}
