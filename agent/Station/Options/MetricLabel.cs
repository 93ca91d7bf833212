using System.Text.Json;

namespace MrfAd.Station.Options;

/// <summary>An enum's value as a label's: "queue_full".</summary>
public static class MetricLabel
{
    public static string Of<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}
