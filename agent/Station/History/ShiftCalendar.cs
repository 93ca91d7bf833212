using System.Globalization;
using MrfAd.Station.Options;

namespace MrfAd.Station.History;

/// <summary>The local days and shifts of a plant. Days on which the clock changes are 23 or 25 hours long.</summary>
public sealed class ShiftCalendar
{
    private readonly List<(string Name, TimeOnly Start)> _shifts;

    /// <param name="options">Options that passed their check.</param>
    public ShiftCalendar(StatisticsOptions options)
    {
        Zone = TimeZoneInfo.FindSystemTimeZoneById(options.TimeZone);
        _shifts = [.. options.Shifts.Select(shift => (shift.Name, shift.StartTime()!.Value))];
    }

    public TimeZoneInfo Zone { get; }

    /// <summary>The names of the shifts in the order of their starts.</summary>
    public IEnumerable<string> Names => _shifts.Select(s => s.Name);

    /// <returns>The local day of a time in milliseconds since 1970 UTC.</returns>
    public DateOnly DayOf(long at) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(DateTimeOffset.FromUnixTimeMilliseconds(at), Zone).DateTime);

    /// <returns>The time of a local day, from midnight to midnight.</returns>
    public TimeRange Day(DateOnly day) => new(At(day, TimeOnly.MinValue), At(day.AddDays(1), TimeOnly.MinValue));

    /// <returns>The time of one shift.</returns>
    /// <param name="index">The place of the shift in the day, from 0.</param>
    public Shift Shift(DateOnly day, int index)
    {
        var end = index + 1 < _shifts.Count ? At(day, _shifts[index + 1].Start) : At(day.AddDays(1), _shifts[0].Start);
        return new Shift(_shifts[index].Name, day, new TimeRange(At(day, _shifts[index].Start), end));
    }

    /// <returns>The shifts that overlap a time, the earliest first.</returns>
    public IEnumerable<Shift> Shifts(TimeRange time)
    {
        for (var day = DayOf(time.From).AddDays(-1); day <= DayOf(time.To); day = day.AddDays(1))
        {
            for (var i = 0; i < _shifts.Count; i++)
            {
                if (Shift(day, i) is var shift && !shift.Time.Within(time).IsEmpty)
                    yield return shift;
            }
        }
    }

    /// <returns>The shift in which a time lies.</returns>
    public Shift ShiftAt(long at) => Shifts(new TimeRange(at, at + 1)).First();

    /// <returns>The shift that a text such as "2026-11-29/early" names; null where it names none.</returns>
    public Shift? Find(string id)
    {
        var parts = id.Split('/');
        if (parts.Length != 2 || !DateOnly.TryParseExact(parts[0], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) || IsAtEnd(day))
            return null;
        var index = _shifts.FindIndex(s => s.Name == parts[1]);
        return index < 0 ? null : Shift(day, index);
    }

    /// <returns>A local time in milliseconds since 1970 UTC; one that the clock skips is the first that it does not skip.</returns>
    public long At(DateOnly day, TimeOnly time)
    {
        var local = day.ToDateTime(time, DateTimeKind.Unspecified);
        while (Zone.IsInvalidTime(local))
            local = local.AddMinutes(15);
        return new DateTimeOffset(local, Zone.GetUtcOffset(local)).ToUnixTimeMilliseconds();
    }

    /// <returns>A time as people of the plant read it, "2026-11-29 06:00".</returns>
    public string Text(DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, Zone).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    /// <summary>Returns true for the first and last days of the calendar, which have no day before or after them.</summary>
    internal static bool IsAtEnd(DateOnly day) => day.DayNumber < 3 || day.DayNumber > DateOnly.MaxValue.DayNumber - 3;
}
