using System.ComponentModel;
using System.Text.Json.Serialization;

namespace MrfAd.Station.Statistics;

/// <summary>One point of a camera's control charts: so many judged parts, one after another.</summary>
public sealed record ChartPoint
{
    public required string Camera { get; init; }

    [Description("The product; empty where parts carry none.")]
    public required string Product { get; init; }

    [Description("The bank and threshold that judged. A new one begins the charts anew.")]
    public required string Phase { get; init; }

    [Description("The time of the last part.")]
    public required DateTimeOffset At { get; init; }

    [Description("The number of judged parts, OK and NG.")]
    public required int Parts { get; init; }

    [Description("How many of them were NG.")]
    public required int Ng { get; init; }

    [Description("The median of their scores.")]
    public required double Median { get; init; }

    [Description("The centre line of the NG share; null until there are enough points for limits.")]
    public double? ShareCenter { get; init; }

    [Description("How far the NG share lies from the centre, in standard deviations.")]
    public double? ShareZ { get; init; }

    [Description("The Western Electric rule by which the NG share signals, 1 to 4, negative where it is too low; 0 where none does.")]
    public int ShareRule { get; init; }

    [Description("The centre line of the median score.")]
    public double? MedianCenter { get; init; }

    [Description("One standard deviation of the median score, as a factor: the limits are centre × factor³ and centre ÷ factor³.")]
    public double? MedianSigma { get; init; }

    public double? MedianZ { get; init; }

    public int MedianRule { get; init; }

    /// <summary>The number of the last verdict in it.</summary>
    [JsonIgnore]
    public long Number { get; init; }
}
