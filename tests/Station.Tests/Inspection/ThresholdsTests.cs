using MrfAd.Station.Inspection;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Inspection;

public sealed class ThresholdsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_threshold_holds_for_its_camera_and_bank_over_a_restart_until_it_is_taken_back()
    {
        var noon = new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
        new Thresholds(_folder.Path).Set("top", null, new ThresholdSetting(3.5f, "a"), "office", noon);

        var after = new Thresholds(_folder.Path);
        Assert.Equal(3.5f, after.Find("top", null, "a"));
        Assert.Null(after.Find("top", null, "b"));
        Assert.Null(after.Find("side", null, "a"));
        Assert.Null(after.Find("top", "m6", "a"));
        after.Set("top", null, null, "mqtt", noon);

        Assert.Null(new Thresholds(_folder.Path).Find("top", null, "a"));
        var audit = File.ReadAllLines(_folder.File("audit.jsonl"));
        Assert.Equal(2, audit.Length);
        Assert.Contains("\"by\":\"office\",\"what\":\"threshold\",\"camera\":\"top\",\"from\":null,\"to\":3.5", audit[0], StringComparison.Ordinal);
        Assert.Contains("\"from\":3.5,\"to\":null", audit[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"top":{"threshold":"high"}}""")]
    [InlineData("""{"top":{"unknown":1}}""")]
    [InlineData("""{"top":null}""")]
    public void A_damaged_file_is_set_aside_and_named_and_the_next_threshold_is_kept(string content)
    {
        File.WriteAllText(_folder.File("thresholds.json"), content);

        var thresholds = new Thresholds(_folder.Path);

        Assert.Contains("thresholds.json was damaged", thresholds.Damage, StringComparison.Ordinal);
        Assert.Equal(content, File.ReadAllText(_folder.File("thresholds.json.damaged")));
        Assert.Null(thresholds.Find("top", null, "a"));
        thresholds.Set("top", null, new ThresholdSetting(3.5f, "a"), "office", DateTimeOffset.UnixEpoch);
        var next = new Thresholds(_folder.Path);
        Assert.Equal((3.5f, null), (next.Find("top", null, "a"), next.Damage));
    }
}
