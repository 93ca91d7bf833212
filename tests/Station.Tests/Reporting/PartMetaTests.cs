using System.Text.Json;
using MrfAd.Contracts;

namespace MrfAd.Station.Tests.Reporting;

public sealed class PartMetaTests
{
    [Theory]
    [InlineData("""{}""", """{}""")]
    [InlineData("""{ "lot" : "A7", "n": -1.50e2, "ok": true, "no": false, "empty": "" }""", """{"lot":"A7","n":-1.50e2,"ok":true,"no":false,"empty":""}""")]
    [InlineData("""{"wörter":"\u0041<b>"}""", """{"w\u00F6rter":"A\u003Cb\u003E"}""")]
    public void An_object_comes_back_as_it_came_without_spaces_and_in_ASCII(string json, string written)
    {
        var meta = PartMeta.Parse(json);

        Assert.Equal(written, meta.Json);
        Assert.Equal(meta, PartMeta.Parse(meta.Json));
        var command = JsonSerializer.Deserialize($$"""{"meta":{{json}}}""", MessageJson.Default.TriggerCommand)!;
        Assert.Equal(meta, command.Meta);
        Assert.Contains($"\"meta\":{written}", JsonSerializer.Serialize(command, MessageJson.Default.TriggerCommand), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "want a JSON object")]
    [InlineData("{", "want a JSON object")]
    [InlineData("null", "want a JSON object, got null")]
    [InlineData("\"A7\"", "want a JSON object, got text")]
    [InlineData("{\"a\":null}", "'a': want text, a number, true or false, got null")]
    [InlineData("{\"a\":{}}", "'a': want text, a number, true or false, got an object")]
    [InlineData("{\"a\":1e999}", "'a': want a number that fits a double, got 1e999")]
    [InlineData("{\"a\":\"\\u0007\"}", "'a': want no control character")]
    [InlineData("{\"a\\n\":1}", "want names of 1 to 64 characters without control characters")]
    [InlineData("{\"\":1}", "want names of 1 to 64 characters without control characters")]
    [InlineData("{\"a\":1,\"\\u0061\":2}", "want each field once, got 'a' twice")]
    [InlineData("{\"a\":\"\\ud800\"}", "want a JSON object")]
    public void Anything_else_is_refused_with_what_is_wanted(string json, string sentence)
    {
        Assert.StartsWith(sentence, Assert.Throws<FormatException>(() => PartMeta.Parse(json)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_limits_are_reached_and_not_passed()
    {
        string Fields(int count, string value) => "{" + string.Join(',', Enumerable.Range(0, count).Select(i => $"\"{i}\":\"{value}\"")) + "}";

        PartMeta.Parse(Fields(PartMeta.MaxFields, "x"));
        Assert.Equal("want at most 32 fields, got more", Refusal(Fields(PartMeta.MaxFields + 1, "x")));
        PartMeta.Parse(Fields(1, new string('x', PartMeta.MaxValueLength)));
        Assert.Equal("'0': want at most 200 characters, got 201", Refusal(Fields(1, new string('x', PartMeta.MaxValueLength + 1))));
        Assert.Equal("'0': want at most 200 characters, got 201", Refusal($"{{\"0\":1{new string('0', PartMeta.MaxValueLength)}}}"));
        PartMeta.Parse($"{{\"{new string('n', PartMeta.MaxNameLength)}\":1}}");
        Assert.StartsWith("want names of 1 to 64", Refusal($"{{\"{new string('n', PartMeta.MaxNameLength + 1)}\":1}}"), StringComparison.Ordinal);
        Assert.Equal(PartMeta.MaxBytes, PartMeta.Parse(Exactly(PartMeta.MaxBytes)).Json.Length);
        Assert.Equal($"want at most {PartMeta.MaxBytes} bytes, got {PartMeta.MaxBytes + 1}", Refusal(Exactly(PartMeta.MaxBytes + 1)));
    }

    /// <summary>Makes an object of so many bytes: fields of 150 characters, and a last one that fills up.</summary>
    private static string Exactly(int bytes)
    {
        var json = "{" + string.Concat(Enumerable.Range(10, 20).Select(i => $"\"{i}\":\"{new string('x', 150)}\","));
        while (json.Length + 150 < bytes)
            json += $"\"{json.Length}\":\"{new string('x', 100)}\",";
        return json + $"\"z\":\"{new string('x', bytes - json.Length - "\"z\":\"\"}".Length)}\"}}";
    }

    private static string Refusal(string json) => Assert.Throws<FormatException>(() => PartMeta.Parse(json)).Message;
}
