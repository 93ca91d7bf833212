using System.Globalization;
using MrfAd.Contracts;

namespace MrfAd.Station.History;

/// <summary>Reads filters from keys and values, as the pages, the HTTP API and the command line give them.</summary>
public sealed class FilterParser(ShiftCalendar calendar)
{
    /// <summary>The keys of filters.</summary>
    public static IReadOnlyList<string> Keys { get; } = ["from", "to", "shift", "camera", "product", "verdict", "cause", "score_min", "score_max", "bank", "serial", "part", "trigger", "label"];

    /// <exception cref="FilterException">A key is unknown, or a value cannot be read.</exception>
    public HistoryFilter Parse(IEnumerable<KeyValuePair<string, string>> values)
    {
        var filter = new HistoryFilter();
        var end = "";
        foreach (var (key, value) in values)
        {
            if (value.Length == 0)
                throw new FilterException($"{key}: want a value, got ''");
            filter = With(filter, key, value);
            end = key == "to" ? value : end;
        }

        return filter.Time.IsEmpty && end.Length > 0 ? throw new FilterException($"to: want a time after 'from', got '{end}'") : filter;
    }

    private HistoryFilter With(HistoryFilter filter, string key, string value) => key switch
    {
        "from" => filter with { Time = filter.Time with { From = Time(key, value) } },
        "to" => filter with { Time = filter.Time with { To = Time(key, value) } },
        "shift" => WithShift(filter, value),
        "camera" => filter with { Camera = value },
        "product" => filter with { Product = value },
        "verdict" => filter with { Verdict = VerdictOf(value) },
        "cause" => filter with { Cause = value },
        "score_min" => filter with { MinScore = Number(key, value) },
        "score_max" => filter with { MaxScore = Number(key, value) },
        "bank" => filter with { BankVersion = long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : throw new FilterException($"bank: want a whole number, got '{value}'") },
        "serial" => filter with { Serial = value },
        "part" => filter with { Part = value },
        "trigger" => filter with { Trigger = value },
        "label" => filter with { Label = PartLabels.Known.Contains(value) ? value : throw new FilterException($"label: want good, bad or unsure, got '{value}'") },
        _ => throw new FilterException($"unknown filter '{key}'; known: {string.Join(", ", Keys)}"),
    };

    private HistoryFilter WithShift(HistoryFilter filter, string value)
    {
        if (calendar.Names.Contains(value))
            return filter with { Shift = value };
        var shift = calendar.Find(value)
            ?? throw new FilterException($"shift: want one of {string.Join(", ", calendar.Names)}, or one of a day such as 2026-11-29/early, got '{value}'");
        return filter with { Time = filter.Time.Within(shift.Time) };
    }

    /// <summary>Reads a time; one without an offset, or a day, is in the plant's time zone.</summary>
    private long Time(string key, string value)
    {
        if (DateOnly.TryParseExact(value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && !ShiftCalendar.IsAtEnd(day))
            return calendar.Day(day).From;
        string[] local = ["yyyy-MM-ddTHH:mm", "yyyy-MM-ddTHH:mm:ss", "yyyy-MM-dd HH:mm", "yyyy-MM-dd HH:mm:ss"];
        if (DateTime.TryParseExact(value, local, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) && !ShiftCalendar.IsAtEnd(DateOnly.FromDateTime(time)))
            return calendar.At(DateOnly.FromDateTime(time), TimeOnly.FromDateTime(time));
        string[] absolute = ["yyyy-MM-ddTHH:mmK", "yyyy-MM-ddTHH:mm:ssK", "yyyy-MM-ddTHH:mm:ss.FFFFFFFK"];
        return DateTimeOffset.TryParseExact(value, absolute, CultureInfo.InvariantCulture, DateTimeStyles.None, out var moment)
            ? moment.ToUnixTimeMilliseconds()
            : throw new FilterException($"{key}: want a time such as 2026-11-29T06:00 or a day, got '{value}'");
    }

    private static double Number(string key, string value) => double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
        ? number
        : throw new FilterException($"{key}: want a number, got '{value}'");

    private static Verdict VerdictOf(string value) => Enum.TryParse<Verdict>(value, ignoreCase: true, out var verdict) && Enum.IsDefined(verdict) && !char.IsAsciiDigit(value[0])
        ? verdict
        : throw new FilterException($"verdict: want OK, NG, INVALID, TIMEOUT or COLLECTING, got '{value}'");
}
