using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace MrfAd.Station.Options;

/// <summary>Reads and writes durations as a number and a unit: "500ms", "1.5s", "10m", "2h".</summary>
public sealed class DurationConverter : JsonConverter<TimeSpan>
{
    // The first unit with which the text ends is taken, therefore "ms" stands before "s".
    private static readonly (string Unit, TimeSpan One)[] Units =
        [("ms", TimeSpan.FromMilliseconds(1)), ("s", TimeSpan.FromSeconds(1)), ("m", TimeSpan.FromMinutes(1)), ("h", TimeSpan.FromHours(1))];

    public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var text = reader.TokenType == JsonTokenType.String ? reader.GetString()! : throw new JsonException("a duration is text");
        foreach (var (unit, one) in Units)
        {
            if (text.EndsWith(unit, StringComparison.Ordinal)
                && double.TryParse(text[..^unit.Length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count)
                && count * one.TotalDays < TimeSpan.MaxValue.TotalDays)
                return count * one;
        }

        throw new JsonException($"'{text}' is no duration");
    }

    public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options)
    {
        var (unit, one) = value == TimeSpan.Zero ? Units[1] : Units.LastOrDefault(u => value.Ticks % u.One.Ticks == 0, Units[0]);
        writer.WriteStringValue(string.Create(CultureInfo.InvariantCulture, $"{value / one}{unit}"));
    }
}
