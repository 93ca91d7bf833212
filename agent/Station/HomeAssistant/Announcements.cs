using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using MrfAd.Contracts;
using MrfAd.Engine.Images;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;

namespace MrfAd.Station.HomeAssistant;

/// <summary>
/// Builds the discovery messages that make the station a device of Home Assistant, one retained message for each entity: the state, and the verdict, score,
/// serial number, heatmap and trigger button of each camera. The keys are those of home-assistant.io, integrations/mqtt, "MQTT discovery", and of the pages of the platforms.
/// Images need version 2023.7 or newer.
/// </summary>
public sealed class Announcements(StationTopics topics, string version, string prefix)
{
    private readonly string _id = Slug(topics.Root);

    /// <returns>The messages for the station and its cameras.</returns>
    public IEnumerable<MqttMessage> Of(IEnumerable<CameraOptions> cameras) =>
    [
        Entity("sensor", "state", "State", new()
        {
            ["state_topic"] = topics.State,
            ["value_template"] = Field("state"),
            ["json_attributes_topic"] = topics.State,
            ["device_class"] = "enum",
            ["options"] = new JsonArray([.. Enum.GetNames<StationState>().Select(s => JsonValue.Create(s))]),
            ["entity_category"] = "diagnostic",
        }),
        .. cameras.SelectMany(Camera),
    ];

    private IEnumerable<MqttMessage> Camera(CameraOptions camera)
    {
        var id = Slug(camera.Name);
        yield return Entity("sensor", $"{id}_verdict", $"{camera.Name} verdict", new()
        {
            ["state_topic"] = topics.Verdict(camera.Name),
            ["value_template"] = Field("verdict"),
            ["json_attributes_topic"] = topics.Verdict(camera.Name),
            ["device_class"] = "enum",
            ["options"] = new JsonArray([.. Enum.GetValues<Verdict>().Select(v => JsonValue.Create(v.ToText()))]),
            ["force_update"] = true,
        });
        yield return Entity("sensor", $"{id}_score", $"{camera.Name} score", new()
        {
            ["state_topic"] = topics.Verdict(camera.Name),
            ["value_template"] = Field("score"),
            ["state_class"] = "measurement",
        });
        yield return Entity("sensor", $"{id}_serial", $"{camera.Name} serial number", new()
        {
            ["state_topic"] = topics.Verdict(camera.Name),
            ["value_template"] = "{{ value_json.serial or '' }}",
        });
        if (camera.Heatmap.Publish != PublishWhen.Never)
        {
            yield return Entity("image", $"{id}_heatmap", $"{camera.Name} heatmap", new()
            {
                ["image_topic"] = topics.Heatmap(camera.Name),
                ["content_type"] = camera.Heatmap.Format == ImageFormat.Jpeg ? "image/jpeg" : "image/png",
            });
        }

        if (camera is { Trigger: TriggerMode.Mqtt, FramesAreSent: false })
        {
            yield return Entity("button", $"{id}_trigger", $"Trigger {camera.Name}", new()
            {
                ["command_topic"] = topics.Command("trigger"),
                ["payload_press"] = new JsonObject { ["camera"] = camera.Name }.ToJsonString(),
                ["qos"] = 1,
            });
        }
    }

    private MqttMessage Entity(string platform, string id, string name, JsonObject content)
    {
        content["name"] = name;
        content["unique_id"] = $"{_id}_{id}";
        content["availability"] = new JsonArray(new JsonObject
        {
            ["topic"] = topics.Status,
            ["value_template"] = Field("status"),
            ["payload_available"] = "online",
            ["payload_not_available"] = "offline",
        });
        content["device"] = new JsonObject
        {
            ["identifiers"] = new JsonArray(_id),
            ["name"] = topics.Station,
            ["manufacturer"] = "MrfAd.Edge",
            ["model"] = "Inspection station",
            ["sw_version"] = version,
        };
        content["origin"] = new JsonObject { ["name"] = "MrfAd.Edge", ["sw_version"] = version };
        return new MqttMessage($"{prefix}/{platform}/{_id}/{id}/config", Encoding.UTF8.GetBytes(content.ToJsonString())) { Retain = true, ContentType = "application/json" };
    }

    private static string Field(string name) => $"{{{{ value_json.{name} }}}}";

    /// <returns>The name in the characters that an id may have; where some were replaced, a hash is appended to keep it unique.</returns>
    private static string Slug(string name)
    {
        var slug = string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' ? c : '_'));
        return slug == name ? slug : $"{slug}_{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..8]}";
    }
}
