using MrfAd.Station.History;
using MrfAd.Station.Options;

namespace MrfAd.Station.Tests.History;

public sealed class ShiftCalendarTests
{
    private readonly ShiftCalendar _calendar = new(new StatisticsOptions { TimeZone = "Europe/Berlin" });

    [Fact]
    public void A_night_shift_belongs_to_the_day_on_which_it_starts()
    {
        var shift = _calendar.ShiftAt(Utc("2026-07-02T02:30:00Z"));

        Assert.Equal("2026-07-01/night", shift.Id);
        Assert.Equal(Utc("2026-07-01T20:00:00Z"), shift.Time.From);
        Assert.Equal(Utc("2026-07-02T04:00:00Z"), shift.Time.To);
        Assert.Equal(shift, _calendar.Find("2026-07-01/night"));
    }

    [Theory]
    [InlineData("2026-03-29", 23)]
    [InlineData("2026-03-30", 24)]
    [InlineData("2026-10-25", 25)]
    public void A_day_on_which_the_clock_changes_is_longer_or_shorter(string day, int hours)
    {
        var date = DateOnly.Parse(day, System.Globalization.CultureInfo.InvariantCulture);
        var time = _calendar.Day(date);

        Assert.Equal(hours, (time.To - time.From) / 3_600_000.0);
        Assert.Equal(hours, _calendar.Shifts(time).Sum(s => Length(s.Time.Within(time))) / 3_600_000.0);
        static long Length(TimeRange range) => range.To - range.From;
    }

    [Fact]
    public void Shifts_follow_one_another_without_a_gap_over_a_year()
    {
        var shifts = _calendar.Shifts(new TimeRange(Utc("2026-01-01T12:00:00Z"), Utc("2027-01-01T12:00:00Z"))).ToList();

        Assert.All(shifts.Zip(shifts.Skip(1)), pair => Assert.Equal(pair.First.Time.To, pair.Second.Time.From));
        Assert.Equal(3 * 365, shifts.Count, 2.0);
    }

    private static long Utc(string time) => DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture).ToUnixTimeMilliseconds();
}
