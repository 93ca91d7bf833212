namespace MrfAd.Station.Options;

/// <summary>Checks the options of history and statistics and returns one sentence for each fault.</summary>
internal static class StatisticsOptionsValidator
{
    /// <param name="path">The path of these options in the configuration, such as "mqtt.tls"; it begins each sentence.</param>
    public static IEnumerable<string> Validate(StatisticsOptions options, string path)
    {
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(options.TimeZone, out _))
            yield return $"{path}.time_zone: want a name of the IANA database such as \"Europe/Berlin\" (Debian's package tzdata brings it), got '{options.TimeZone}'";
        if (options.ChartParts is < 5 or > 10_000)
            yield return $"{path}.chart_parts: want 5 to 10000, got {options.ChartParts}";
        if (options.Shifts.Count is 0 or > 24)
            yield return $"{path}.shifts: want 1 to 24, got {options.Shifts.Count}";
        foreach (var (i, shift) in options.Shifts.Index())
        {
            if (shift.Name.Length is 0 or > 64 || shift.Name.Contains('/', StringComparison.Ordinal))
                yield return $"{path}.shifts[{i}].name: want 1 to 64 characters without '/', got '{shift.Name}'";
            if (shift.StartTime() is null)
                yield return $"{path}.shifts[{i}].start: want HH:MM at a quarter of an hour, got '{shift.Start}'";
        }

        foreach (var twice in options.Shifts.GroupBy(s => s.Name).Where(g => g.Count() > 1))
            yield return $"{path}.shifts: {twice.Count()} are named '{twice.Key}'; names tell them apart";
        var starts = options.Shifts.Select(s => s.StartTime()).OfType<TimeOnly>().ToList();
        if (starts.Zip(starts.Skip(1)).Any(pair => pair.Second <= pair.First))
            yield return $"{path}.shifts: want each start after the one before it, got {string.Join(", ", options.Shifts.Select(s => s.Start))}";
    }
}
