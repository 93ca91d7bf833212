using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using MrfAd.Contracts;
using MrfAd.Integration.Tests.Mqtt;
using MrfAd.Integration.Tests.Station;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Updates;
using MrfAd.Testing;
using static MrfAd.Integration.Tests.Attacks.AttackedStation;

namespace MrfAd.Integration.Tests.Attacks;

/// <summary>Attacks of a client that the broker lets publish and subscribe to everything.</summary>
internal static class MqttAttacks
{
    private const string Root = Listener.Root;

    // The commands that take members; the others ignore their payload.
    private const string AllRefuse = "bad_request: trigger, snapshot, replay, bank, selftest, threshold, teach, rollback, fetch; accepted: state, config";

    public static IReadOnlyList<Attack> All { get; } =
    [
        // Payloads, each to every command; where a command must be signed, the trusted key has signed the payload.
        .. Payloads().Select(p => new Attack($"{p.Name}, to every command", "", async s => Sorted(await s.AskAllAsync(p.Payload))) { Expected = Sorted(AllRefuse) }),
        new("bytes that are no text", "bad_request", s => s.AskAsync("trigger", [0xFF, 0xFE, 0x00, 0x80, 0xC3])),
        new("65,537 bytes to a trigger", "too_large", s => s.AskAsync("trigger", new byte[65_537])),
        new("2 MB to a trigger", "too_large", s => s.AskAsync("trigger", new byte[2_000_000])),
        new("a command that does not exist", "unknown_command", s => s.AskAsync("shutdown", "")),
        new("a command with a name of 60,000 characters", "unknown_command", s => s.AskAsync(Times("x", 60_000), "")),
        new("a command with a name of a terminal's control sequences", "unknown_command", s => s.AskAsync("\u202e[2J", "")),
        new("a camera that does not exist", "unknown_camera", s => s.AskAsync("trigger", """{"camera":"../line"}""")),
        new("a camera that is not triggered over MQTT", "unknown_camera", s => s.AskAsync("trigger", """{"camera":"upload"}""")),
        new("a trigger id of 201 characters", "bad_request", s => s.AskAsync("trigger", $$"""{"id":"{{Times("x", 201)}}"}""")),
        new("a trigger id with a line feed", "bad_request", s => s.AskAsync("trigger", """{"id":"a\nNG"}""")),
        new("a trigger id with NUL", "bad_request", s => s.AskAsync("trigger", """{"id":"\u0000"}""")),
        new("a trigger id with an escape sequence", "bad_request", s => s.AskAsync("trigger", """{"id":"\u001b[2J"}""")),
        new("one trigger id 200 times", "1 verdicts", s => s.VerdictsAsync("line", () => Task.WhenAll(Enumerable.Repeat("""{"id":"again"}""", 200).Select(p => s.PublishAsync(new MqttMessage($"{Root}/cmd/trigger", Utf8(p))))))) { Triggers = 3 },
        new("300 questions at once", "300 answers", ManyQuestionsAsync),
        new("a replay of everything", "bad_request", s => s.AskAsync("replay", "{}")),
        new("a replay of negative numbers", "not_found", s => s.AskAsync("replay", """{"from_seq":-9223372036854775808,"to_seq":-1}""")),
        new("a retained trigger", "1 verdicts", RetainedTriggerAsync) { Triggers = 4 },

        // What changes how parts are judged
        new("an unsigned threshold", "not_authorized", s => s.AskAsync("threshold", """{"threshold":1000000}""")),
        new("an unsigned correction", "not_authorized", s => s.AskAsync("teach", $$"""{"verdict":"{{Guid.NewGuid()}}"}""")),
        new("an unsigned rollback", "not_authorized", s => s.AskAsync("rollback", "")),
        new("an unsigned fetch", "not_authorized", s => s.AskAsync("fetch", """{"source":"http://169.254.169.254/latest"}""")),
        new("a threshold signed by an unknown key", "not_authorized: the key 'stranger' is not trusted", s => s.AskAsync("threshold", s.Signed("threshold", """{"threshold":30}""", isStranger: true))),
        new("a threshold signed by a stranger in the office's name", "not_authorized: the signature does not fit", s => s.AskAsync("threshold", s.Signed("threshold", """{"threshold":30}""", isStranger: true, key: "office"))),
        new("a signed threshold with another body", "not_authorized: the signature does not fit", s => s.AskAsync("threshold", s.Signed("threshold", "{}", tamper: c => c with { Body = """{"threshold":30}""" }))),
        new("a signed threshold with a later time", "not_authorized: the signature does not fit", s => s.AskAsync("threshold", s.Signed("threshold", "{}", age: TimeSpan.FromHours(1), tamper: c => c with { At = TimeProvider.System.GetUtcNow() }))),
        new("a signature of another command", "not_authorized: the signature does not fit", s => s.AskAsync("rollback", s.Signed("threshold", "{}"))),
        new("a signature for another station", "not_authorized: the signature does not fit", s => s.AskAsync("threshold", s.Signed("threshold", """{"threshold":30}""", root: "mrfad/v1/site/line/s2"))),
        new("an empty signature", "not_authorized: the signature does not fit", s => s.AskAsync("threshold", s.Signed("threshold", """{"threshold":30}""", tamper: c => c with { Signature = [] }))),
        new("a signature of 40 kB", "not_authorized: the signature does not fit", s => s.AskAsync("threshold", s.Signed("threshold", """{"threshold":30}""", tamper: c => c with { Signature = new byte[30_000] }))),
        new("a signed command of an hour ago", "expired", s => s.AskAsync("threshold", s.Signed("threshold", """{"threshold":30}""", age: TimeSpan.FromHours(1)))),
        new("a signed command of tomorrow", "expired", s => s.AskAsync("threshold", s.Signed("threshold", """{"threshold":30}""", age: TimeSpan.FromDays(-1)))),
        new("a signed command replayed", "not_authorized: this signed command has been used before", ReplaySignedAsync),
        new("a signed command with a nonce of two lines", "not_authorized: its nonce has a line feed", s => s.AskAsync("threshold", s.Signed("threshold", "{}", nonce: "a\nb"))),
        new("a signed command with a key twice", "not_authorized: it must be signed", s => s.AskAsync("threshold", s.Signed("threshold", "{}").Replace("{\"key\"", "{\"key\":\"office\",\"key\"", StringComparison.Ordinal))),
        new("a signed threshold beyond the bounds", "out_of_bounds", s => s.AskAsync("threshold", s.Signed("threshold", """{"threshold":1000000}"""))),
        new("a signed threshold below zero", "out_of_bounds", s => s.AskAsync("threshold", s.Signed("threshold", """{"threshold":-1}"""))),
        new("a signed correction of a verdict that does not exist", "refused", s => s.AskAsync("teach", s.Signed("teach", $$"""{"verdict":"{{Guid.NewGuid()}}"}"""))),
        new("a signed fetch from the metadata address of a cloud", "not_authorized: 'source'", s => FetchAsync(s, "http://169.254.169.254/latest/meta-data")),
        new("a signed fetch from the station's own port", "not_authorized: 'source'", s => FetchAsync(s, $"{s.Url}metrics")),
        new("a signed fetch of a file elsewhere", "not_authorized: 'source'", s => FetchAsync(s, "/etc/passwd")),
        new("a signed fetch out of a folder by '..'", "not_authorized: 'source'", s => FetchAsync(s, s.Folder.File("models/../station.json"))),
        new("a signed fetch out of an address by '..'", "not_authorized: 'source'", s => FetchAsync(s, $"http://127.0.0.1:{s.Lure.Port}/models/%2e%2e/secret")),
        new("a signed fetch with a user in the address", "not_authorized: 'source'", s => FetchAsync(s, $"http://127.0.0.1:{s.Lure.Port}@169.254.169.254/models/x")),
        new("a signed fetch by another scheme", "bad_request", s => FetchAsync(s, "file:///etc/passwd")),
        new("a fetch that is redirected to another place", "0 visits", RedirectedFetchAsync),

        // Answers and properties
        new("a verdict's topic as response topic", "no answer", s => AnswerOnAsync(s, $"{Root}/line/verdict")),
        new("the state's topic as response topic", "no answer", s => AnswerOnAsync(s, $"{Root}/state")),
        new("a command's topic as response topic", "no answer", s => AnswerOnAsync(s, $"{Root}/cmd/trigger")),
        new("a response topic with wildcards", "", s => AnswerOnAsync(s, "mrfad/replies/#")),
        new("a response topic of the broker's own", "no answer", s => AnswerOnAsync(s, "$SYS/broker/uptime")),
        new("a response topic of 65,000 characters", "", s => AnswerOnAsync(s, Times("r", 65_000))),
        new("correlation data of 65,535 bytes", "accepted", s => s.AskAsync("state", [], RandomNumberGenerator.GetBytes(65_535))),
        new("a thousand user properties", "published", s => s.TryPublishAsync(new MqttMessage($"{Root}/cmd/state", Utf8("")) { UserProperties = [.. Enumerable.Range(0, 1000).Select(i => KeyValuePair.Create($"{i}", Times("v", 100)))] })),

        // Images
        new("an image bomb by MQTT", "INVALID", s => ImageAsync(s, ImageBombs.Make("png"))),
        new("an image bomb of many scans by MQTT", "INVALID", s => ImageAsync(s, ImageBombs.Make("jpeg-scans"))),
        new("an empty image", "INVALID", s => ImageAsync(s, [])),
        new("a verdict in place of an image", "INVALID", s => ImageAsync(s, Utf8("""{"verdict":"OK"}"""))),
        new("a truncated image", "INVALID", s => ImageAsync(s, s.GoodPart[..^2000])),
        new("20 MB of noise as an image", "INVALID", s => ImageAsync(s, RandomNumberGenerator.GetBytes(20_000_000))),
        new("an image with an id of control characters", "refused by the broker", s => s.TryPublishAsync(new MqttMessage("frames/s1", s.GoodPart) { UserProperties = [new("id", "\u001b\r\n")] })),
        new("one image id 50 times", "1 verdicts", s => s.VerdictsAsync("message", () => Task.WhenAll(Enumerable.Range(0, 50).Select(_ => s.PublishAsync(new MqttMessage("frames/s1", s.GoodPart) { UserProperties = [new("id", "twin")] }))))),
        new("a retained image", "1 verdicts", RetainedImageAsync),

        // New banks
        new("garbage as an offer", "no signed manifest", s => OfferAsync(s, Utf8("what?"))),
        new("an offer of 5 MB", "want at most", s => OfferAsync(s, new byte[5_000_000])),
        new("a deep offer", "no signed manifest", s => OfferAsync(s, Utf8(Times("[", 100_000)))),
        new("an offer signed by a stranger", "is not trusted", s => OfferAsync(s, Manifest(s, m => m, stranger: true))),
        new("an offer that lies about its size", "do not fit", s => OfferAsync(s, Manifest(s, m => m with { Size = long.MaxValue / 2 }))),
        new("an offer of less than nothing", "the size is -1", s => OfferAsync(s, Manifest(s, m => m with { Size = -1 }))),
        new("an offer with a path for a hash", "a SHA-256 in it is none", s => OfferAsync(s, Manifest(s, m => m with { Sha256 = "../../../../etc/passwd" }))),
        new("an offer with a path for an id", "cannot be used", s => OfferAsync(s, Manifest(s, m => m with { Id = "../banks" }))),
        new("an offer of the version that judges", "is not newer", s => OfferAsync(s, Manifest(s, m => m with { Version = 1 }))),
        new("chunks that nobody asked for", "published", ChunksAsync),
        new("chunks with other bytes", "came 5 times with other bytes", WrongChunksAsync),

        // The station's place at the broker
        new("a client with the station's id and a last will", "online", TakeOverAsync),
        new("a status that says the station is offline", "online", FalseStatusAsync),
        new("a status that says so with the mark of the station's own run", "online", CopiedStatusAsync),
        new("garbage as a status", "published", s => GarbageAsync(s, $"{Root}/status")),
        new("garbage as a state", "published", s => GarbageAsync(s, $"{Root}/state")),
        new("garbage as a bank", "published", s => GarbageAsync(s, $"{Root}/bank")),
        new("garbage of another station", "published", s => GarbageAsync(s, "mrfad/v1/site/line/s2/top/verdict")),
        new("2,000 stations that do not exist", "published", ManyStationsAsync),
        new("a station with control characters in its name", "published", s => s.TryPublishAsync(new MqttMessage("mrfad/v1/site/line/\u202es1/state", Utf8("{}")))),
        new("the connection cut ten times", "online", CutAsync),
    ];

    private static (string Name, string Payload)[] Payloads() =>
    [
        ("half a payload", """{"camera":"li"""),
        ("30,000 brackets", Times("[", 30_000)),
        ("a payload 500 objects deep", Times("{\"camera\":", 500)),
        ("NaN", """{"threshold":NaN,"from_seq":NaN,"camera":NaN}"""),
        ("a number beyond all numbers", """{"threshold":1e999999,"from_seq":1e999999,"camera":1e999999}"""),
        ("half a surrogate pair", """{"camera":"\ud800"}"""),
        ("a key twice", """{"camera":"line","camera":"line"}"""),
        ("a key that nobody knows", """{"camera":"line","run":"/bin/sh"}"""),
        ("null", "null"),
        ("a list", """["line"]"""),
        ("a text", "\"line\""),
        ("wrong types", """{"camera":{"id":1},"threshold":"x","id":[],"source":1,"verdict":1}"""),
        ("a second document behind the first", """{"camera":"line"}{"camera":"line"}"""),
    ];

    /// <summary>Sorts an outcome, so that the order of the commands is of no concern.</summary>
    private static string Sorted(string outcome) => string.Join("; ", outcome.Split("; ").Select(part => part.Split(": ")).Select(p => $"{p[0]}: {string.Join(", ", p[1].Split(", ").Order())}").Order());

    private static async Task<string> ManyQuestionsAsync(AttackedStation s)
    {
        var mark = Guid.NewGuid().ToByteArray();
        await Task.WhenAll(Enumerable.Range(0, 300).Select(_ => s.PublishAsync(new MqttMessage($"{Root}/cmd/config", default) { ResponseTopic = Listener.Replies, CorrelationData = mark })));
        var count = 0;
        while (count < 300)
        {
            await s.Listener.UntilAsync(m => Listener.IsReply(m) && m.CorrelationData.Span.SequenceEqual(mark));
            count++;
        }

        return $"{count} answers";
    }

    private static async Task<string> RetainedTriggerAsync(AttackedStation s)
    {
        var trigger = new MqttMessage($"{Root}/cmd/trigger", Utf8("{}")) { Retain = true };
        var verdicts = await s.VerdictsAsync("line", async () =>
        {
            // Taken as any other trigger while the station is connected; refused when the broker sends it again.
            await s.PublishAsync(trigger);
            await s.NextVerdictAsync("line");
            await s.ReconnectAsync();
        });
        // Removing it is a message without content, which is a trigger as well.
        await s.PublishAsync(new MqttMessage(trigger.Topic, default) { Retain = true });
        return verdicts;
    }

    private static async Task<string> RetainedImageAsync(AttackedStation s)
    {
        var verdicts = await s.VerdictsAsync("message", async () =>
        {
            await s.PublishAsync(new MqttMessage("frames/s1", s.GoodPart) { Retain = true });
            await s.NextVerdictAsync("message");
            await s.ReconnectAsync();
        });
        // Removing it is a message without content, which gets its verdict, INVALID.
        await s.PublishAsync(new MqttMessage("frames/s1", default) { Retain = true });
        await s.NextVerdictAsync("message");
        return verdicts;
    }

    private static async Task<string> ReplaySignedAsync(AttackedStation s)
    {
        var signed = s.Signed("fetch", """{"source":"none"}""");
        return (await s.AskAsync("fetch", signed)).StartsWith("bad_request", StringComparison.Ordinal) ? await s.AskAsync("fetch", signed) : "the first one was not taken";
    }

    private static Task<string> FetchAsync(AttackedStation s, string source) => s.AskAsync("fetch", s.Signed("fetch", new JsonObject { ["source"] = source }.ToJsonString()));

    private static async Task<string> RedirectedFetchAsync(AttackedStation s)
    {
        var answer = await FetchAsync(s, $"http://127.0.0.1:{s.Lure.Port}/models/x.mrfbank");
        return $"{s.Lure.Visits} visits, {answer}";
    }

    /// <summary>Asks for the state with a response topic of the attacker's choice, and then for the state as usual.</summary>
    private static async Task<string> AnswerOnAsync(AttackedStation s, string topic)
    {
        var mark = Guid.NewGuid().ToByteArray();
        var published = await s.TryPublishAsync(new MqttMessage($"{Root}/cmd/state", default) { ResponseTopic = topic, CorrelationData = mark });
        if (published != "published")
            return published;
        await s.AnswersAsync();
        return s.Listener.All.Any(m => m.Topic == topic && m.CorrelationData.Span.SequenceEqual(mark)) ? "answered" : "no answer";
    }

    private static async Task<string> ImageAsync(AttackedStation s, byte[] image)
    {
        await s.PublishAsync(new MqttMessage("frames/s1", image));
        return await s.NextVerdictAsync("message");
    }

    private static async Task<string> OfferAsync(AttackedStation s, byte[] offer)
    {
        await s.PublishAsync(new MqttMessage($"{Root}/update/offer", offer));
        var hash = Convert.ToHexStringLower(SHA256.HashData(offer));
        var answer = await s.Listener.UntilAsync(m =>
            (m.Topic == $"{Root}/update/refusal" && (string?)JsonNode.Parse(m.Payload.Span)!["offer_sha256"] == hash)
            || (m.Topic == $"{Root}/bank" && JsonNode.Parse(m.Payload.Span)!["last"] is not null));
        return MessageText.AsText(answer);
    }

    private static byte[] Manifest(AttackedStation s, Func<ModelManifest, ModelManifest> change, bool stranger = false)
    {
        using var maker = new BankSigner(stranger ? "stranger" : "unused");
        var path = TestModel.Vary(s.Bank, maker.File("next.mrfbank"), version: 2);
        var manifest = change(Manifests.Make(path, "0.1.0", Manifests.MinChunkBytes, null, CancellationToken.None));
        return Manifests.Bytes(Manifests.Sign(manifest, stranger ? maker.Key : s.Office.Key));
    }

    private static async Task<string> ChunksAsync(AttackedStation s)
    {
        var hash = new string('a', 64);
        foreach (var (file, number) in ((string, string)[])[(hash, "0"), (hash, "-1"), (hash, "99999999999999999999"), (hash, "x"), ("..", "0"), (Times("a", 60_000), "0")])
            await s.PublishAsync(new MqttMessage($"{Root}/update/chunk/{file}/{number}", new byte[100_000]));
        return "published";
    }

    /// <summary>The offer is the office's own, replayed by the attacker, who answers with chunks of the wanted length.</summary>
    private static async Task<string> WrongChunksAsync(AttackedStation s)
    {
        await s.PublishAsync(new MqttMessage($"{Root}/update/offer", Manifest(s, m => m with { Version = 3 })));
        while (true)
        {
            var message = await s.Listener.UntilAsync(m => m.Topic == $"{Root}/update/want" || m.Topic == $"{Root}/bank");
            var content = JsonNode.Parse(message.Payload.Span)!;
            if (message.Topic == $"{Root}/bank")
            {
                if ((string?)content["last"]?["reason"] is { } reason)
                    return reason;
                continue;
            }

            for (var i = 0; i < (int)content["count"]!; i++)
                await s.PublishAsync(new MqttMessage($"{Root}/update/chunk/{content["sha256"]}/{(int)content["from"]! + i}", new byte[Manifests.MinChunkBytes]));
        }
    }

    private static async Task<string> TakeOverAsync(AttackedStation s)
    {
        var will = new MqttMessage($"{Root}/status", Utf8("""{"schema":"mrfad.status.v1","station":"s1","status":"offline","reason":"hacked","version":"1"}""")) { Retain = true };
        await using (var proxy = new TcpProxy(s.Broker.Port))
        {
            var thief = await s.LinkAsync("mrfad-site-line-s1", proxy.Port, will);
            proxy.Cut();
            await thief.DisposeAsync();
        }

        return await PresenceAsync(s);
    }

    /// <summary>Says in the station's name that it is offline, as whom the station itself has said to be.</summary>
    private static async Task<string> CopiedStatusAsync(AttackedStation s)
    {
        await using var visitor = await Peer.ConnectedAsync(s.Broker.Port, listenTo: $"{Root}/status");
        var status = JsonNode.Parse((await visitor.NextAsync()).Payload.Span)!;
        status["status"] = "offline";
        await s.PublishAsync(new MqttMessage($"{Root}/status", Utf8(status.ToJsonString())) { Retain = true });
        return await PresenceAsync(s);
    }

    private static async Task<string> FalseStatusAsync(AttackedStation s)
    {
        await s.PublishAsync(new MqttMessage($"{Root}/status", Utf8("""{"schema":"mrfad.status.v1","station":"s1","status":"offline","reason":"hacked","at":null,"version":"1","instance":"x"}""")) { Retain = true });
        return await PresenceAsync(s);
    }

    /// <returns>The last status of the station's topic, as a new client finds it.</returns>
    private static async Task<string> PresenceAsync(AttackedStation s)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        var status = "";
        while (status != "online" && !timeout.IsCancellationRequested)
        {
            await using var visitor = await Peer.ConnectedAsync(s.Broker.Port, listenTo: $"{Root}/status");
            status = (string?)JsonNode.Parse((await visitor.NextAsync()).Payload.Span)!["status"];
        }

        return $"{status}";
    }

    private static async Task<string> GarbageAsync(AttackedStation s, string topic)
    {
        foreach (var payload in (string[])["", "null", "[]", "{", "{\"status\":null}", """{"status":"online","instance":5}""", "\"\ud83d\ude00\"", Times("[", 10_000)])
            await s.PublishAsync(new MqttMessage(topic, Encoding.UTF8.GetBytes(payload)));
        await s.AskAsync("state", "");
        return "published";
    }

    private static async Task<string> ManyStationsAsync(AttackedStation s)
    {
        var state = Utf8("""{"schema":"mrfad.state.v1","station":"x","state":"Ready","reason":null,"at":"2026-07-30T06:00:00Z","cameras":[]}""");
        foreach (var some in Enumerable.Range(0, 2000).Chunk(100))
            await Task.WhenAll(some.Select(i => s.PublishAsync(new MqttMessage($"mrfad/v1/site/line/no-{i}/state", state))));
        return "published";
    }

    private static async Task<string> CutAsync(AttackedStation s)
    {
        for (var i = 0; i < 10; i++)
            await s.ReconnectAsync();
        return await PresenceAsync(s);
    }
}
