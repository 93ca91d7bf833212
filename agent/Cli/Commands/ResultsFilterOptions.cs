using System.CommandLine;
using MrfAd.Station.History;

namespace MrfAd.Cli.Commands;

/// <summary>The filters of stored verdicts on the command line: the keys of the HTTP API with dashes.</summary>
internal static class ResultsFilterOptions
{
    private static readonly Dictionary<string, Option<string?>> Filters = FilterParser.Keys.ToDictionary(key => key, key => new Option<string?>("--" + key.Replace('_', '-'))
    {
        Description = Describe(key),
        HelpName = key is "from" or "to" ? "TIME" : key.StartsWith("score", StringComparison.Ordinal) ? "SCORE" : "VALUE",
    });

    /// <summary>Adds the filters to a command.</summary>
    public static void AddTo(Command command)
    {
        foreach (var option in Filters.Values)
            command.Options.Add(option);
    }

    /// <summary>Reads the filters.</summary>
    /// <exception cref="FilterException">A value cannot be read.</exception>
    public static HistoryFilter Read(ParseResult parsed, ShiftCalendar calendar) => new FilterParser(calendar).Parse(
        from filter in Filters
        let value = parsed.GetValue(filter.Value)
        where value is not null
        select KeyValuePair.Create(filter.Key, value));

    /// <returns>The text of the option --shift; null where it is not given.</returns>
    public static string? Shift(ParseResult parsed) => parsed.GetValue(Filters["shift"]);

    private static string Describe(string key) => key switch
    {
        "from" => "The first time: 2026-11-29, 2026-11-29T06:00 (in statistics.time_zone) or 2026-11-29T06:00:00Z.",
        "to" => "The time after the last one.",
        "shift" => "A shift of every day (early), or of one (2026-11-29/early).",
        "verdict" => "OK, NG, INVALID or TIMEOUT.",
        "cause" => "The cause of an INVALID image.",
        "score_min" => "The lowest score.",
        "score_max" => "The highest score.",
        "bank" => "The version of the bank that judged.",
        "part" => "The id of the part that several views share.",
        "trigger" => "The id of the trigger.",
        "label" => "The newest label: good, bad or unsure.",
        _ => $"The {key}.",
    };
}
