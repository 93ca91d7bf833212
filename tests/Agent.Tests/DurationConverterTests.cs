using System.Text.Json;

namespace MrfAd.Agent.Tests;

public sealed class DurationConverterTests
{
    [Theory]
    [InlineData("250ms", 0.25, "250ms")]
    [InlineData("1.5s", 1.5, "1500ms")]
    [InlineData("60s", 60, "1m")]
    [InlineData("90m", 5400, "90m")]
    [InlineData("2h", 7200, "2h")]
    [InlineData("0s", 0, "0s")]
    public void A_duration_is_a_number_and_its_unit(string text, double seconds, string written)
    {
        var duration = JsonSerializer.Deserialize<TimeSpan>($"\"{text}\"", StationJson.Options);

        Assert.Equal(TimeSpan.FromSeconds(seconds), duration);
        Assert.Equal($"\"{written}\"", JsonSerializer.Serialize(duration, StationJson.Options));
    }

    [Theory]
    [InlineData("\"5\"")]
    [InlineData("5")]
    [InlineData("\"-5s\"")]
    [InlineData("\"s\"")]
    [InlineData("\"1e99h\"")]
    [InlineData("\"99999999999999999999h\"")]
    [InlineData("\"NaNs\"")]
    [InlineData("\"00:00:05\"")]
    public void Anything_else_is_refused(string json) =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<TimeSpan>(json, StationJson.Options));
}
