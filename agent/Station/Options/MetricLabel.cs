using System.Text.Json;

namespace MrfAd.Station.Options;

/// <summary>Converts the value of an enumeration to the value of a metric label, such as "queue_full".</summary>
public static class MetricLabel
{
    public static string Of<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}
