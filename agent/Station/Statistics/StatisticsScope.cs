using MrfAd.Station.History;

namespace MrfAd.Station.Statistics;

/// <summary>The verdicts that statistics are made of.</summary>
/// <param name="Time">The time, widened to quarters of an hour.</param>
/// <param name="Camera">The camera; null for all.</param>
/// <param name="Product">The product; null for all.</param>
public sealed record StatisticsScope(TimeRange Time, string? Camera, string? Product)
{
    internal long FirstQuarter => Time.From / QuarterKey.Length;

    internal long EndQuarter => (Time.To + QuarterKey.Length - 1) / QuarterKey.Length;
}
