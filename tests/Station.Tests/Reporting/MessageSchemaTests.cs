using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MrfAd.Contracts;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Reporting;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Reporting;

public sealed partial class MessageSchemaTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "agent", "Contracts");

    [Fact]
    public void The_checked_in_schemas_are_those_of_the_types()
    {
        var files = Directory.GetFiles(Path.Combine(Folder, "schemas")).ToDictionary(f => Path.GetFileName(f).Replace(".schema.json", "", StringComparison.Ordinal), File.ReadAllText);

        // To renew them: mrfad schema agent/Contracts
        Assert.Equal(MessageSchemas.All.OrderBy(s => s.Key), files.OrderBy(f => f.Key));
    }

    [Fact]
    public void Every_message_satisfies_its_schema()
    {
        var ok = Messages.Ng with { Verdict = Verdict.Ok, Regions = [] };
        var invalid = Messages.Timeout with { Verdict = Verdict.Invalid, Reason = "too dark", CapturedAt = Messages.Noon, Frame = Messages.Ng.Frame };
        AllAreValid("verdict", [.. new[] { Messages.Ng, Messages.Timeout, ok, invalid }.Select(v => StationMessages.Write(Messages.Station.VerdictHeaders(v), StationMessages.Content(v), historical: false))]);
        AllAreValid("part", [.. new[] { Messages.Part, Messages.Part with { Verdict = Verdict.Ok, Reason = null, Missing = [], Product = null, Serial = null } }
            .Select(p => new MqttMessage("part", System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(p, MessageJson.Default.PartMessage)))]);
        AllAreValid("state", [.. Enum.GetValues<StationState>().Select(s => Messages.Station.State(Messages.State(s, s == StationState.Ready ? null : "because")))]);
        AllAreValid("status", Messages.Station.Will(), Messages.Station.Online(Messages.Noon), Messages.Station.Offline("stopped", Messages.Noon));
        var command = new MqttMessage("cmd/trigger", default) { ResponseTopic = "r" };
        AllAreValid(
            "reply",
            StationMessages.Reply(command, new CommandReply { Command = "trigger", Accepted = true, TriggerId = "t" })!,
            StationMessages.Reply(command, new CommandReply { Command = "trigger", Accepted = false, Error = new CommandError { Code = CommandErrorCode.NotReady, Message = "m" } })!);
        AllAreValid("trigger", new MqttMessage("cmd/trigger", "{}"u8.ToArray()), new MqttMessage("cmd/trigger", """{"id":"a","camera":"top"}"""u8.ToArray()), new MqttMessage("cmd/trigger", """{"serial":"SN-17","part":"P-17","meta":{"lot":"A7"}}"""u8.ToArray()));
    }

    [Fact]
    public void A_verdict_that_breaks_the_contract_is_caught()
    {
        var good = JsonNode.Parse(StationMessages.Write(Messages.Station.VerdictHeaders(Messages.Ng), StationMessages.Content(Messages.Ng), historical: false).Payload.Span)!.AsObject();
        (string Fault, Action<JsonObject> Break)[] faults =
        [
            ("a field too many", v => v["colour"] = "red"),
            ("a field too few", v => v.Remove("historical")),
            ("a word for a verdict", v => v["verdict"] = "GOOD"),
            ("NG without a score", v => v["score"] = null),
            ("NG without a bank", v => v["bank"] = null),
            ("INVALID without a reason", v => v["verdict"] = "INVALID"),
            ("a score as text", v => v["score"] = "31"),
            ("a p-value of 2", v => v["p_value"] = 2),
            ("no time", v => v["captured_at"] = "yesterday"),
            ("no id", v => v["id"] = "7"),
            ("half a hash", v => v["bank"]!["sha256"] = "abc"),
            ("no serial number", v => v["serial"] = ""),
            ("free fields that are none", v => v["meta"] = "A7"),
            ("a list among the free fields", v => v["meta"]!["lot"] = new JsonArray()),
            ("a free field that is too long", v => v["meta"]!["lot"] = new string('x', PartMeta.MaxValueLength + 1)),
            ("too many free fields", v => v["meta"] = new JsonObject(Enumerable.Range(0, PartMeta.MaxFields + 1).Select(i => KeyValuePair.Create($"{i}", (JsonNode?)i)))),
            ("a code that is too long", v => v["code"]!["text"] = new string('x', 201)),
            ("a code outside", v => v["code"]!["region"]!["x_px"] = -1),
            ("a region outside", v => v["regions"]![0]!["x_px"] = -1),
            ("another format", v => v["schema"] = "mrfad.verdict.v2"),
        ];
        var validator = JsonSchemaValidator.ForMessage("verdict");

        var missed = faults.Where(f =>
        {
            var verdict = good.DeepClone().AsObject();
            f.Break(verdict);
            return validator.Errors(verdict.ToJsonString()).Count == 0;
        });

        Assert.Empty(validator.Errors(good.ToJsonString()));
        Assert.Empty(missed.Select(f => f.Fault));
    }

    [Theory]
    [InlineData("""{ "$schema": "https://json-schema.org/draft/2020-12/schema", "tpye": "string" }""")]
    [InlineData("""{ "$schema": "https://json-schema.org/draft/2020-12/schema", "properties": { "at": { "format": "datetime" } } }""")]
    public void A_schema_with_a_word_that_JSON_Schema_does_not_know_is_no_schema(string schema) =>
        Assert.Throws<InvalidOperationException>(() => JsonSchemaValidator.Parse(schema));

    [Fact]
    public async Task The_checked_in_AsyncApi_document_is_that_of_the_types() =>
        Assert.Equal(await File.ReadAllTextAsync(Path.Combine(Folder, "asyncapi.json"), TestContext.Current.CancellationToken), AsyncApi.Document);

    [Fact]
    public void The_AsyncApi_document_is_valid()
    {
        var validator = JsonSchemaValidator.ForAsyncApi();

        Assert.Empty(validator.Errors(AsyncApi.Document));
        Assert.NotEmpty(validator.Errors(AsyncApi.Document.Replace("\"receive\"", "\"eat\"", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_AsyncApi_document_refers_to_every_schema_and_channel_it_has_and_to_no_other()
    {
        var document = JsonNode.Parse(AsyncApi.Document)!;
        var references = Reference().Matches(AsyncApi.Document).Select(m => m.Value).ToHashSet();

        Assert.Equal(
            [.. MessageSchemas.All.Keys.Select(s => $"./schemas/{s}.schema.json"), .. document["channels"]!.AsObject().Select(c => $"#/channels/{c.Key}")],
            references);
    }

    private static void AllAreValid(string schema, params MqttMessage[] messages) =>
        Assert.All(messages, m => Assert.Empty(JsonSchemaValidator.ForMessage(schema).Errors(Encoding.UTF8.GetString(m.Payload.Span))));

    [GeneratedRegex(@"\./schemas/[\w-]+\.schema\.json|#/channels/\w+")]
    private static partial Regex Reference();
}
