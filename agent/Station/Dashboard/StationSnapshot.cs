using System.Text.Json;
using System.Text.Json.Nodes;
using MrfAd.Contracts;
using MrfAd.Station.Capture;
using MrfAd.Station.Inspection;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;
using MrfAd.Station.Updates;

namespace MrfAd.Station.Dashboard;

/// <summary>The state of the station as the page shows it, the same as on MQTT.</summary>
public sealed class StationSnapshot(
    StationTopics topics, string version, StationHealth health, IReadOnlyList<Camera> cameras, Detectors detectors, Thresholds thresholds, IMqttLink link, DetectorBanks banks)
{
    /// <summary>Raised after a change of the station's state or of its banks.</summary>
    public event Action Changed
    {
        add
        {
            health.Changed += value;
            foreach (var detector in banks.All)
                detector.Status.Changed += value;
        }
        remove
        {
            health.Changed -= value;
            foreach (var detector in banks.All)
                detector.Status.Changed -= value;
        }
    }

    /// <summary>The names of the cameras.</summary>
    public IReadOnlyList<string> Cameras { get; } = [.. cameras.Select(c => c.Options.Name)];

    /// <returns>The current state as the JSON that the page reads.</returns>
    public JsonObject Write()
    {
        var now = health.Current;
        return new JsonObject
        {
            ["topics"] = topics.Root,
            ["station"] = topics.Station,
            ["version"] = version,
            ["state"] = now.State.ToString(),
            ["reason"] = now.Reason,
            ["since"] = now.Since,
            ["broker_connected"] = link.IsConnected,
            ["products"] = new JsonArray([.. now.Products.Select(p => new JsonObject { ["product"] = p.Product, ["loaded"] = p.Loaded, ["collecting"] = p.Collecting, ["problem"] = p.Problem })]),
            ["banks"] = new JsonArray([.. banks.All.Select(Write)]),
            ["cameras"] = new JsonArray([.. cameras.Select(Write)]),
        };
    }

    /// <summary>Writes the message of the topic <c>bank</c> of a detector, and the progress of the watched verdicts of a new version.</summary>
    private static JsonNode Write(DetectorBank detector)
    {
        var message = JsonSerializer.SerializeToNode(detector.Publisher.Message(), MessageJson.Default.BankMessage)!;
        message["watched"] = detector.Bank.Store.Banks.Watched is { } watched
            ? new JsonObject { ["left"] = watched.Left, ["alarms"] = watched.Alarms, ["most_alarms"] = watched.MaxAlarms }
            : null;
        return message;
    }

    private JsonNode Write(Camera camera)
    {
        var product = camera.Products?.Of(camera.Options.Name);
        var (options, info) = (camera.OptionsOf(product), detectors.Of(camera.Options.Name, product).Info);
        return new JsonObject
        {
            ["name"] = options.Name,
            ["product"] = product,
            ["source"] = Credentials.Masked(options.Source),
            ["collecting"] = detectors.Of(camera.Options.Name, product).IsCollecting,
            ["waiting"] = camera.Waiting,
            ["threshold"] = info is null ? null : thresholds.InForce(options, product, info),
            ["own_threshold"] = options.Threshold ?? info?.Threshold,
            ["bank"] = info is null ? null : new JsonObject { ["id"] = info.BankId, ["version"] = info.BankVersion, ["sha256"] = info.BankSha256 },
            ["encoder"] = info?.EncoderId,
            ["heatmap"] = info is null ? null : new JsonObject { ["low"] = info.HeatmapScale.Low, ["high"] = info.HeatmapScale.High },
        };
    }
}
