using MrfAd.Platform;
using MrfAd.Station.Options;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Options;

public sealed class TracesOptionsTests
{
    [Theory]
    [InlineData("""{ "endpoint": "127.0.0.1:4318" }""", "traces.endpoint: want the address of an OpenTelemetry collector, such as 'http://127.0.0.1:4318', got '127.0.0.1:4318'")]
    [InlineData("""{ "endpoint": "ftp://collector" }""", "got 'ftp://collector'")]
    [InlineData("""{ "endpoint": "http://me:secret@collector" }""", "a header goes into traces.headers_file")]
    [InlineData("""{ "endpoint": "http://collector?token=secret" }""", "a header goes into traces.headers_file")]
    [InlineData("""{ "protocol": "http/json" }""", "traces.protocol: want one of \"http/protobuf\", \"grpc\", got \"http/json\"")]
    [InlineData("""{ "headers_file": "none" }""", "traces.headers_file: there is no file")]
    [InlineData("""{ "sampling_ratio": 0 }""", "traces.sampling_ratio: want above 0, to 1 (every part), got 0")]
    [InlineData("""{ "sampling_ratio": 1.5 }""", "got 1.5")]
    [InlineData("""{ "queue_length": 0 }""", "traces.queue_length: want 1 to 100000 spans, got 0")]
    [InlineData("""{ "timeout": "2m" }""", "traces.timeout: want 100ms to 1m, got 120s")]
    public void A_fault_is_named_with_its_key_and_shows_no_secret(string traces, string sentence)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("station.json"), $$"""{ "traces": {{traces}} }""");

        var error = Assert.Throws<UsageException>(() => StationConfig.Load(folder.File("station.json"), null, new Dictionary<string, string>())).Message;

        Assert.Contains(sentence, error, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error, StringComparison.Ordinal);
    }
}
