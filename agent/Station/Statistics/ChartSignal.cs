using System.ComponentModel;
using System.Globalization;

namespace MrfAd.Station.Statistics;

/// <summary>A control chart's signal.</summary>
public sealed record ChartSignal
{
    /// <summary>The names of the charts.</summary>
    public const string NgShare = "ng_share", MedianScore = "median_score";

    [Description("ng_share or median_score")]
    public required string Chart { get; init; }

    public required string Camera { get; init; }

    public required string Product { get; init; }

    public required DateTimeOffset At { get; init; }

    [Description("The Western Electric rule, 1 to 4; negative where the points are too low.")]
    public required int Rule { get; init; }

    [Description("One sentence.")]
    public required string Text { get; init; }

    /// <returns>The signals of a point: none, one or two.</returns>
    public static IEnumerable<ChartSignal> Of(ChartPoint point)
    {
        if (point.ShareRule != 0)
            yield return Make(point, NgShare, point.ShareRule, $"NG share {Percent(point.Ng / (double)point.Parts)} (centre {Percent(point.ShareCenter ?? 0)})");
        if (point.MedianRule != 0)
            yield return Make(point, MedianScore, point.MedianRule, string.Create(CultureInfo.InvariantCulture, $"median score {point.Median:0.###} (centre {point.MedianCenter:0.###})"));
    }

    private static ChartSignal Make(ChartPoint point, string chart, int rule, string value) => new()
    {
        Chart = chart,
        Camera = point.Camera,
        Product = point.Product,
        At = point.At,
        Rule = rule,
        Text = $"{(point.Product.Length > 0 ? point.Camera + ", " + point.Product : point.Camera)}: {value}, {Name(rule)}",
    };

    private static string Name(int rule) => Math.Abs(rule) switch
    {
        1 => "beyond 3 standard deviations",
        2 => "two of three points beyond 2 standard deviations",
        3 => "four of five points beyond 1 standard deviation",
        _ => "eight points in a row",
    } + (rule > 0 ? " above" : " below") + (Math.Abs(rule) == 4 ? " the centre" : "");

    private static string Percent(double share) => (share * 100).ToString("0.##", CultureInfo.InvariantCulture) + " %";
}
