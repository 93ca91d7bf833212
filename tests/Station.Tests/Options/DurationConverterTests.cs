using System.Text.Json;
using FsCheck;
using FsCheck.Xunit;
using MrfAd.Station.Options;

namespace MrfAd.Station.Tests.Options;

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

    [Property(Replay = "1,1", MaxTest = 1000)]
    public void A_duration_is_read_as_it_was_written(NonNegativeInt count, bool seconds)
    {
        var duration = seconds ? TimeSpan.FromSeconds(count.Get) : TimeSpan.FromMilliseconds(count.Get);

        Assert.Equal(duration, JsonSerializer.Deserialize<TimeSpan>(JsonSerializer.Serialize(duration, StationJson.Options), StationJson.Options));
    }

    [Property(Replay = "1,1", MaxTest = 1000)]
    public void Any_text_is_a_duration_that_is_not_negative_or_is_refused(NonNull<string> text, NonNegativeInt number, bool ends)
    {
        var json = JsonSerializer.Serialize(ends ? $"{number.Get}{text.Get}s" : $"{text.Get}{number.Get}m");
        try
        {
            Assert.InRange(JsonSerializer.Deserialize<TimeSpan>(json, StationJson.Options), TimeSpan.Zero, TimeSpan.MaxValue);
        }
        catch (JsonException)
        {
            // The expected result.
        }
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
