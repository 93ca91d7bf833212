using MrfAd.Agent.Capture;
using MrfAd.Agent.Control;
using MrfAd.Agent.Health;
using MrfAd.Agent.Inspection;
using MrfAd.Agent.Mqtt;
using MrfAd.Agent.Outbox;

namespace MrfAd.Agent;

/// <summary>Everything that can be set about one station; <see cref="StationConfig"/> reads it.</summary>
public sealed record StationOptions
{
    public string Site { get; init; } = "site";

    public string Line { get; init; } = "line";

    public string Station { get; init; } = "station";

    public MqttOptions Mqtt { get; init; } = new();

    /// <summary>What the station must remember over a restart; of this station alone, made if absent.</summary>
    public string StateFolder { get; init; } = "state";

    public OutboxOptions Outbox { get; init; } = new();

    public ControlOptions Control { get; init; } = new();

    public HttpOptions Http { get; init; } = new();

    public DetectorOptions Detector { get; init; } = new();

    /// <summary>At least one; the detector judges the frames of all.</summary>
    public IReadOnlyList<CameraOptions> Cameras { get; init; } = [new()];

    /// <returns>The same with every relative path taken from <paramref name="folder"/>, so that the working directory does not matter.</returns>
    public StationOptions ResolvedAgainst(string folder) => this with
    {
        Mqtt = Mqtt with { PasswordFile = Mqtt.PasswordFile is { } file ? Path.GetFullPath(file, folder) : null },
        StateFolder = Path.GetFullPath(StateFolder, folder),
        Control = Control with { TrustedKeys = [.. Control.TrustedKeys.Select(key => key with { PublicKeyFile = Path.GetFullPath(key.PublicKeyFile, folder) })] },
        Detector = Detector with { Bank = Path.GetFullPath(Detector.Bank, folder), Encoder = Detector.Encoder is { } encoder ? Path.GetFullPath(encoder, folder) : null },
        Cameras = [.. Cameras.Select(camera => camera with { Source = SourceAddress.Resolve(camera.Source, folder) })],
    };
}
