namespace MrfAd.Station.Options;

/// <summary>One shift of the working day.</summary>
public sealed record ShiftOptions
{
    /// <summary>The name of the shift, without a slash.</summary>
    public string Name { get; init; } = "";

    /// <summary>The local time at which the shift starts, "HH:MM", at a quarter of an hour.</summary>
    public string Start { get; init; } = "00:00";

    /// <returns>The start; null where the text is not such a time.</returns>
    public TimeOnly? StartTime() =>
        TimeOnly.TryParseExact(Start, "HH:mm", System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.None, out var time) && time.Minute % 15 == 0 ? time : null;
}
