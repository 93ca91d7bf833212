using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace MrfAd.Contracts;

/// <summary>The AsyncAPI 3 document, generated from the topics and message types. A test compares it with <c>asyncapi.json</c>.</summary>
public static partial class AsyncApi
{
    private const string Picture = "The user properties 'id' and 'seq' are those of the verdict; the content type is image/png or image/jpeg. "
        + "'scale', where given: the picture was scaled down by this for a broker that takes no larger packets.";

    private static readonly StationTopics Topics = new("{site}", "{line}", "{station}");
    private static readonly StationTopics CameraTopics = Topics.ForDetectorOf("{camera}");
    private static readonly StationTopics ProductTopics = Topics.ForDetectorOf("{product}", null);

    // Name, topic, description and schema of each message that the station publishes; the schema is null for a picture.
    private static readonly (string Name, string Address, string Description, string? Schema)[] Published =
    [
        ("status", Topics.Status, "Retained. Whether the station is online. The will says offline when the connection is lost.", "status"),
        ("state", Topics.State, "Retained. The state of the station, and the reason for it.", "state"),
        ("verdict", Topics.Verdict("{camera}"), "One trigger, one verdict; it may arrive twice: de-duplicate by id.", "verdict"),
        ("part", Topics.Part, "One part of several views, one message, where the station assembles parts; it may arrive twice: de-duplicate by id.", "part"),
        ("heatmap", Topics.Heatmap("{camera}"), "Where the image is anomalous, as an image file. The colours stand for fixed scores, the same in every picture.", null),
        ("frame", Topics.Frame("{camera}"), "The image as the camera saw it, where the station is set to send it.", null),
        ("snapshot", Topics.Snapshot("{camera}"), "The image that cmd/snapshot asked for, with its correlation data.", null),
        ("bank", Topics.Bank, "Retained. The bank that judges, the one that a rollback brings back, and the progress of an update.", "bank"),
        ("update_want", Topics.UpdateWant, "A request of the station for chunks of a version it was offered.", "want"),
        ("update_refusal", Topics.UpdateRefusal, "An offer was refused at once.", "refusal"),
        ("self_test", Topics.SelfTest, "Retained. The result of the last self-test, which inspects the reference parts.", "self-test"),
        ("camera_bank", CameraTopics.Bank, "Retained. As bank, for the detector that this camera, and perhaps others after it, have of their own.", "bank"),
        ("camera_update_want", CameraTopics.UpdateWant, "As update_want, for that detector.", "want"),
        ("camera_update_refusal", CameraTopics.UpdateRefusal, "As update_refusal, for that detector.", "refusal"),
        ("camera_self_test", CameraTopics.SelfTest, "Retained. As self_test, for that detector.", "self-test"),
        ("product_bank", ProductTopics.Bank, "Retained. As bank, for a product's own detector; below the product and a camera for that of a camera.", "bank"),
        ("product_update_want", ProductTopics.UpdateWant, "As update_want, for that detector.", "want"),
        ("product_update_refusal", ProductTopics.UpdateRefusal, "As update_refusal, for that detector.", "refusal"),
        ("product_self_test", ProductTopics.SelfTest, "Retained. As self_test, for that detector.", "self-test"),
        ("outbox", Topics.Outbox, "Retained. How many verdicts and pictures wait for the broker, and how many were dropped.", "outbox"),
    ];

    // Name, description, schema of the payload and schema of the reply's result; null where there is none.
    private static readonly (string Name, string Description, string? Schema, string? Result)[] Commands =
    [
        ("trigger", "Asks for an image and a verdict. An empty payload will do.", "trigger", null),
        ("state", "Asks for the state; no payload.", null, "state"),
        ("config", "Asks for the configuration in force, without secrets; no payload.", null, null),
        ("threshold", "Sets the threshold, within bounds.", "threshold", "threshold-result"),
        ("regions", "Sets the regions of a part: what is inspected, ignored, or has limits of its own.", "regions", "regions-result"),
        ("collect", "Says which collected parts are good, and learns the first model of a camera or product from them.", "collect", "collect-result"),
        ("product", "Makes a product the active one, for the triggers that come after it.", "product", "product-result"),
        ("snapshot", "Asks for a picture without a verdict. An empty payload will do where there is one camera.", "snapshot", "snapshot-result"),
        ("bank", "Asks for the message of the topic bank, for the station's detector or a camera's. An empty payload will do.", "detector", "bank"),
        ("rollback", "Puts the previous bank back into use and cancels an update under way. An empty payload will do.", "detector", "bank"),
        ("fetch", "Fetches a new bank from an http(s) address or a file on the station.", "fetch", "bank"),
        ("teach", "Corrects false rejects (overkill): previews what learning them would change, then confirms or discards that.", "teach", "teach-result"),
        ("selftest", "Inspects the reference parts now. An empty payload will do.", "detector", "self-test"),
        ("replay", "Asks for stored verdicts to be sent once more.", "replay", "replay-result"),
    ];

    private static IEnumerable<string> Parts => Commands.Select(c => c.Result).OfType<string>().Append("signed").Append("manifest").Distinct();

    /// <summary>The document as JSON, which refers to the schemas in <c>./schemas</c>.</summary>
    public static string Document => MessageSchemas.Text(new JsonObject
    {
        ["asyncapi"] = "3.0.0",
        ["info"] = new JsonObject
        {
            ["title"] = "MrfAd.Edge station",
            ["version"] = "1.0.0",
            ["description"] = "The messages and commands of an inspection station over MQTT. All messages are QoS 1: one may arrive twice, de-duplicate verdicts by their id. "
                + "Every JSON field is always written, null where it does not apply. A change that would break a reader gets a new version in the topic.",
        },
        ["defaultContentType"] = "application/json",
        ["servers"] = new JsonObject
        {
            ["broker"] = new JsonObject { ["host"] = "localhost:1883", ["protocol"] = "mqtt", ["protocolVersion"] = "5.0", ["description"] = "Any MQTT 5 broker; 3.1.1 without the properties." },
        },
        ["channels"] = Object([
            .. Published.Select(s => (s.Name, Channel(s.Name, s.Address, s.Description, s.Schema is null ? Image() : Payload(s.Schema)))),
            .. Commands.Select(c => ($"cmd_{c.Name}", Channel(c.Name, Topics.Command(c.Name), c.Description, Command(c.Schema, c.Result)))),
            ("update_offer", Channel("update_offer", Topics.UpdateOffer, "Offers a new version: its signed manifest (./schemas/manifest.schema.json). Offered again, the station continues the update.", Payload("offer"))),
            ("update_chunk", Channel("update_chunk", Topics.UpdateChunk("{sha256}", "{number}"), "A chunk that the station requested; the payload is its bytes alone.", Bytes())),
            ("camera_update_offer", Channel("camera_update_offer", CameraTopics.UpdateOffer, "As update_offer, for a camera's own detector.", Payload("offer"))),
            ("camera_update_chunk", Channel("camera_update_chunk", CameraTopics.UpdateChunk("{sha256}", "{number}"), "As update_chunk, for a camera's own detector.", Bytes())),
            ("product_update_offer", Channel("product_update_offer", ProductTopics.UpdateOffer, "As update_offer, for a product's own detector.", Payload("offer"))),
            ("product_update_chunk", Channel("product_update_chunk", ProductTopics.UpdateChunk("{sha256}", "{number}"), "As update_chunk, for a product's own detector.", Bytes())),
            ("reply", Channel("reply", null, "The response topic of the command.", Payload("reply"))),
        ]),
        ["operations"] = Object([
            .. Published.Select(s => ($"send_{s.Name}", Operation("send", s.Name, retained: s.Description.StartsWith("Retained", StringComparison.Ordinal)))),
            ("take_offer", Operation("receive", "update_offer", retained: false)),
            ("take_chunk", Operation("receive", "update_chunk", retained: false)),
            ("take_camera_offer", Operation("receive", "camera_update_offer", retained: false)),
            ("take_camera_chunk", Operation("receive", "camera_update_chunk", retained: false)),
            ("take_product_offer", Operation("receive", "product_update_offer", retained: false)),
            ("take_product_chunk", Operation("receive", "product_update_chunk", retained: false)),
            .. Commands.Select(c => ($"take_{c.Name}", Taken($"cmd_{c.Name}"))),
        ]),
        // The schemas that are used inside other messages.
        ["components"] = new JsonObject { ["schemas"] = Object(Parts.Select(p => (p, Reference($"./schemas/{p}.schema.json")))) },
    });

    private static JsonObject Channel(string name, string? address, string description, JsonObject message)
    {
        var channel = new JsonObject { ["address"] = address, ["description"] = description, ["messages"] = new JsonObject { [name] = message } };
        if (address is not null)
        {
            channel["parameters"] = Object(Parameter().Matches(address).Select(p => (p.Groups[1].Value, new JsonObject
            {
                ["description"] = "Without white space, '/', '+' and '#'" + (p.Groups[1].Value == "camera" ? "; never 'cmd'." : "."),
            })));
        }

        return channel;
    }

    private static JsonObject Payload(string schema) => new() { ["payload"] = Reference($"./schemas/{schema}.schema.json") };

    private static JsonObject Image() => new()
    {
        ["description"] = Picture,
        ["contentType"] = "image/png",
        ["payload"] = new JsonObject { ["type"] = "string", ["format"] = "binary" },
    };

    private static JsonObject Bytes() => new()
    {
        ["contentType"] = "application/octet-stream",
        ["payload"] = new JsonObject { ["type"] = "string", ["format"] = "binary" },
    };

    private static JsonObject Command(string? schema, string? result)
    {
        var message = new JsonObject
        {
            ["description"] = "MQTT 5 response topic and correlation data, where given, are used for the reply; one that has expired is refused, one that is repeated under "
                + "its correlation data is answered and not carried out again. A station that trusts keys wants it signed (./schemas/signed.schema.json)."
                + (result is null ? "" : $" The reply's result: ./schemas/{result}.schema.json."),
        };
        if (schema is not null)
            message["payload"] = Reference($"./schemas/{schema}.schema.json");
        return message;
    }

    private static JsonObject Taken(string name)
    {
        var operation = Operation("receive", name, retained: false);
        operation["reply"] = new JsonObject { ["channel"] = Reference("#/channels/reply") };
        return operation;
    }

    private static JsonObject Operation(string action, string channel, bool retained) => new()
    {
        ["action"] = action,
        ["channel"] = Reference($"#/channels/{channel}"),
        ["bindings"] = new JsonObject { ["mqtt"] = new JsonObject { ["qos"] = 1, ["retain"] = retained, ["bindingVersion"] = "0.2.0" } },
    };

    private static JsonObject Reference(string to) => new() { ["$ref"] = to };

    private static JsonObject Object(IEnumerable<(string Name, JsonObject Value)> members) => new(members.Select(m => KeyValuePair.Create(m.Name, (JsonNode?)m.Value)));

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex Parameter();
}
