using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using MrfAd.Contracts;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Reporting;

namespace MrfAd.Station.Tests.Reporting;

public sealed class MessageTests
{
    [Fact]
    public void A_verdict_reads_as_the_contract_says()
    {
        const string Expected = """
            {"schema":"mrfad.verdict.v1","id":"01972b5c-0000-7000-8000-000000000001","seq":7,"station":"station-7","camera":"top","product":null,
            "trigger":{"id":"part-4711","source":"mqtt","at":"2025-06-01T12:00:00+00:00"},"serial":"SN-17","part":"P-17","part_late":false,"meta":{"lot":"A7","pallet":3,"rework":false},
            "code":{"text":"SN-17","format":"data_matrix","region":{"x_px":6,"y_px":7,"width_px":80,"height_px":90},"reason":null},"code_mismatch":false,"looks_like":null,"captured_at":"2025-06-01T12:00:00.0125+00:00",
            "verdict":"NG","reason":null,"fault":null,"score":31.25,"threshold":20.5,"p_value":0.001,
            "regions":[{"x_px":0,"y_px":2,"width_px":3,"height_px":4,"area_px":5,"score":31.25,"name":"label"}],
            "map":"bounded","alignment":{"dx_px":12.5,"dy_px":-3,"angle_deg":17.5,"scale":1,"quality":0.97},
            "regions_sha256":"cc",
            "bank":{"id":"bottle","version":3,"sha256":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
            "encoder":{"id":"resnet","sha256":"0000000000000000000000000000000000000000000000000000000000000000"},
            "frame":{"width_px":900,"height_px":800,"source":"001.png"},"degraded":false,
            "timings_ms":{"queue":1,"decode":2,"align":31,"code":30,"mask":0,"features":300,"search":400.5,"fuse":5,"total":708.5},"historical":false}
            """;

        Assert.Equal(Expected.ReplaceLineEndings(""), JsonSerializer.Serialize(Messages.Ng, MessageJson.Default.VerdictMessage));
    }

    [Fact]
    public void The_verdict_of_a_part_reads_as_the_contract_says()
    {
        const string Expected = """
            {"schema":"mrfad.part.v1","id":"01972b5c-0000-7000-8000-000000000002","seq":3,"station":"station-7","part":"P-17","product":"m6","serial":"SN-17",
            "triggered_at":"2025-06-01T12:00:00+00:00","judged_at":"2025-06-01T12:00:10+00:00","verdict":"NG","reason":"missing after 10 s: bottom",
            "views":[{"camera":"top","verdict_id":"01972b5c-0000-7000-8000-000000000001","seq":7,"at":"2025-06-01T12:00:00+00:00","verdict":"NG","score":31.25}],
            "missing":[{"camera":"bottom","looks":1}],"historical":false}
            """;

        Assert.Equal(Expected.ReplaceLineEndings(""), JsonSerializer.Serialize(Messages.Part, MessageJson.Default.PartMessage));
    }

    [Fact]
    public void A_verdict_without_an_image_says_null_and_why()
    {
        const string Expected = """
            "captured_at":null,"verdict":"TIMEOUT","reason":"no image in 2 s","fault":null,"score":null,"threshold":null,"p_value":null,"regions":[],"map":null,"alignment":null,"regions_sha256":null,"bank":null,"encoder":null,"frame":null
            """;

        Assert.Contains(Expected, JsonSerializer.Serialize(Messages.Timeout, MessageJson.Default.VerdictMessage), StringComparison.Ordinal);
    }

    [Fact]
    public void A_verdict_read_back_is_the_one_written()
    {
        var text = JsonSerializer.Serialize(Messages.Ng, MessageJson.Default.VerdictMessage);

        var read = JsonSerializer.Deserialize(text, MessageJson.Default.VerdictMessage)!;

        Assert.Equal(text, JsonSerializer.Serialize(read, MessageJson.Default.VerdictMessage));
        Assert.Equal(Messages.Ng.Regions, read.Regions);
    }

    [Fact]
    public void Status_and_state_are_retained_and_verdicts_and_pictures_are_not()
    {
        var will = Messages.Station.Will();
        Assert.True(will.Retain);
        Assert.Equal("mrfad/v1/plant/line/station-7/status", will.Topic);
        Assert.Contains("\"status\":\"offline\"", Text(will), StringComparison.Ordinal);
        Assert.Contains("\"status\":\"online\"", Text(Messages.Station.Online(Messages.Noon)), StringComparison.Ordinal);
        var state = Messages.Station.State(Messages.State(StationState.Degraded, "the camera is away"));
        Assert.True(state.Retain);
        Assert.Contains("\"state\":\"Degraded\",\"reason\":\"the camera is away\"", Text(state), StringComparison.Ordinal);
        var verdict = StationMessages.Write(Messages.Station.VerdictHeaders(Messages.Ng), StationMessages.Content(Messages.Ng), historical: false);
        Assert.False(verdict.Retain);
        Assert.Equal("application/json", verdict.ContentType);
        Assert.Equal("mrfad/v1/plant/line/station-7/top/verdict", verdict.Topic);
    }

    [Fact]
    public void A_heatmap_is_raw_bytes_that_name_their_verdict()
    {
        var picture = new byte[] { 1, 2, 3 };

        var message = StationMessages.Write(Messages.Station.HeatmapHeaders(Messages.Ng, "image/png"), picture, historical: true);

        Assert.Equal("mrfad/v1/plant/line/station-7/top/heatmap", message.Topic);
        Assert.Equal(picture, message.Payload.ToArray());
        Assert.Equal("image/png", message.ContentType);
        Assert.Equal([new("id", "01972b5c-0000-7000-8000-000000000001"), new("seq", "7")], message.UserProperties);
    }

    [Fact]
    public void A_reply_goes_to_the_response_topic_with_the_correlation_data()
    {
        var command = new MqttMessage("cmd/trigger", default) { ResponseTopic = "answers/1", CorrelationData = new byte[] { 9 } };

        var reply = StationMessages.Reply(command, new CommandReply { Command = "trigger", Accepted = true, TriggerId = "t" })!;

        Assert.Equal("answers/1", reply.Topic);
        Assert.Equal([9], reply.CorrelationData.ToArray());
        Assert.Null(StationMessages.Reply(command with { ResponseTopic = null }, new CommandReply { Command = "trigger", Accepted = true }));
    }

    [Fact]
    public void A_late_verdict_differs_in_nothing_but_saying_so()
    {
        var historical = StationMessages.Write(Messages.Station.VerdictHeaders(Messages.Ng), StationMessages.Content(Messages.Ng), historical: true);

        var expected = JsonSerializer.SerializeToNode(Messages.Ng with { Historical = true }, MessageJson.Default.VerdictMessage);
        Assert.True(JsonNode.DeepEquals(expected, JsonNode.Parse(Text(historical))), Text(historical));
    }

    private static string Text(MqttMessage message) => Encoding.UTF8.GetString(message.Payload.Span);
}
