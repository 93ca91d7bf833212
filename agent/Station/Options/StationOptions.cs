namespace MrfAd.Station.Options;

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

    public UpdateOptions Updates { get; init; } = new();

    public SparkplugOptions Sparkplug { get; init; } = new();

    public HomeAssistantOptions HomeAssistant { get; init; } = new();

    public HttpOptions Http { get; init; } = new();

    public DashboardOptions Dashboard { get; init; } = new();

    public EvidenceOptions Evidence { get; init; } = new();

    public DriftOptions Drift { get; init; } = new();

    /// <summary>Of the cameras that have none of their own.</summary>
    public DetectorOptions Detector { get; init; } = new();

    /// <summary>At least one.</summary>
    public IReadOnlyList<CameraOptions> Cameras { get; init; } = [new()];

    /// <summary>Stands, at the beginning of a path to a secret, for the folder in which systemd puts a unit's credentials.</summary>
    public const string Credentials = "$CREDENTIALS_DIRECTORY";

    /// <summary>Returns the MQTT client id: the configured one, else one made of site, line and station.</summary>
    public string MqttClientId() => Mqtt.ClientId.Length > 0 ? Mqtt.ClientId : $"mrfad-{Site}-{Line}-{Station}";

    /// <param name="credentials">What <see cref="Credentials"/> stands for; null where there is none: such a path stays as it is.</param>
    /// <returns>The same with every relative path taken from <paramref name="folder"/>, so that the working directory does not matter.</returns>
    public StationOptions ResolvedAgainst(string folder, string? credentials = null) => this with
    {
        Mqtt = Mqtt with
        {
            PasswordFile = Secret(Mqtt.PasswordFile, folder, credentials),
            Tls = Mqtt.Tls with
            {
                CaFile = Secret(Mqtt.Tls.CaFile, folder, credentials),
                CertificateFile = Secret(Mqtt.Tls.CertificateFile, folder, credentials),
                KeyFile = Secret(Mqtt.Tls.KeyFile, folder, credentials),
            },
        },
        StateFolder = Path.GetFullPath(StateFolder, folder),
        Http = Http with { TokenFile = Secret(Http.TokenFile, folder, credentials) },
        Dashboard = Dashboard with { TokenFile = Secret(Dashboard.TokenFile, folder, credentials) },
        Control = Control with { TrustedKeys = Resolved(Control.TrustedKeys, folder) },
        Updates = Updates with
        {
            TrustedKeys = Resolved(Updates.TrustedKeys, folder),
            GoldenFolder = Updates.GoldenFolder is { } golden ? Path.GetFullPath(golden, folder) : null,
        },
        Evidence = Evidence with { Folder = Path.GetFullPath(Evidence.Folder, folder) },
        Detector = Detector.ResolvedAgainst(folder),
        Cameras = [.. Cameras.Select(camera => camera.ResolvedAgainst(folder))],
    };

    private static IReadOnlyList<TrustedKey> Resolved(IReadOnlyList<TrustedKey> keys, string folder) =>
        [.. keys.Select(key => key with { PublicKeyFile = Path.GetFullPath(key.PublicKeyFile, folder) })];

    private static string? Secret(string? file, string folder, string? credentials) => file switch
    {
        null => null,
        _ when !file.StartsWith(Credentials + "/", StringComparison.Ordinal) => Path.GetFullPath(file, folder),
        _ => credentials is null ? file : credentials + file[Credentials.Length..],
    };
}
