
namespace MrfAd.Station.Options;

/// <summary>The configuration of one station, read by <see cref="StationConfig"/>.</summary>
public sealed record StationOptions
{
    /// <summary>The site, a level of the topics.</summary>
    public string Site { get; init; } = "site";

    /// <summary>The production line, a level of the topics.</summary>
    public string Line { get; init; } = "line";

    /// <summary>The station, a level of the topics, unique in its line.</summary>
    public string Station { get; init; } = "station";

    /// <summary>The connection to the broker.</summary>
    public MqttOptions Mqtt { get; init; } = new();

    /// <summary>The folder of the state that must survive a restart; it belongs to this station alone, and is made if absent.</summary>
    public string StateFolder { get; init; } = "state";

    /// <summary>The messages on disk that wait for the broker.</summary>
    public OutboxOptions Outbox { get; init; } = new();

    /// <summary>The commands over MQTT.</summary>
    public ControlOptions Control { get; init; } = new();

    /// <summary>The updates of the bank.</summary>
    public UpdateOptions Updates { get; init; } = new();

    /// <summary>The Sparkplug B edge node.</summary>
    public SparkplugOptions Sparkplug { get; init; } = new();

    /// <summary>Home Assistant's MQTT discovery.</summary>
    public HomeAssistantOptions HomeAssistant { get; init; } = new();

    /// <summary>The HTTP server.</summary>
    public HttpOptions Http { get; init; } = new();

    /// <summary>The web page.</summary>
    public DashboardOptions Dashboard { get; init; } = new();

    /// <summary>The export of traces.</summary>
    public TracesOptions Traces { get; init; } = new();

    /// <summary>The frames that are kept on disk.</summary>
    public EvidenceOptions Evidence { get; init; } = new();

    /// <summary>The frames that are kept to learn a first model from.</summary>
    public CollectingOptions Collect { get; init; } = new();

    /// <summary>The shifts, the time zone and the control charts.</summary>
    public StatisticsOptions Statistics { get; init; } = new();

    /// <summary>The limits of drift.</summary>
    public DriftOptions Drift { get; init; } = new();

    /// <summary>The largest image that is decoded.</summary>
    public ImageOptions Images { get; init; } = new();

    /// <summary>The memory for what the station holds.</summary>
    public MemoryOptions Memory { get; init; } = new();

    /// <summary>The detector of the cameras that have none of their own.</summary>
    public DetectorOptions Detector { get; init; } = new();

    /// <summary>The cameras, at least one.</summary>
    public IReadOnlyList<CameraOptions> Cameras { get; init; } = [new()];

    /// <summary>The parts of several views, each of which gets one verdict.</summary>
    public PartsOptions Parts { get; init; } = new();

    /// <summary>The products (recipes) that the station inspects; empty where it inspects one, by <see cref="Detector"/>.</summary>
    public IReadOnlyList<ProductOptions> Products { get; init; } = [];

    /// <summary>The product that is active at the first start; null means the first of <see cref="Products"/>. Later starts go on with the last one.</summary>
    public string? Product { get; init; }

    /// <summary>The beginning of a path to a secret that stands for the folder of the unit's systemd credentials.</summary>
    public const string Credentials = "$CREDENTIALS_DIRECTORY";

    /// <summary>Returns the MQTT client id: the configured one, else one made of site, line and station.</summary>
    public string MqttClientId() => Mqtt.ClientId.Length > 0 ? Mqtt.ClientId : $"mrfad-{Site}-{Line}-{Station}";

    /// <param name="credentials">The folder that <see cref="Credentials"/> stands for; with null such a path stays as it is.</param>
    /// <returns>The same options, in which every relative path is taken from <paramref name="folder"/>, so that the working directory does not matter.</returns>
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
        Traces = Traces with { HeadersFile = Secret(Traces.HeadersFile, folder, credentials) },
        Control = Control with { TrustedKeys = Resolved(Control.TrustedKeys, folder) },
        Updates = Updates with
        {
            TrustedKeys = Resolved(Updates.TrustedKeys, folder),
            ProgramKeys = Resolved(Updates.ProgramKeys, folder),
            GoldenFolder = Updates.GoldenFolder is { } golden ? Path.GetFullPath(golden, folder) : null,
        },
        Evidence = Evidence with { Folder = Path.GetFullPath(Evidence.Folder, folder) },
        Collect = Collect with { Folder = Path.GetFullPath(Collect.Folder, folder) },
        Detector = Detector.ResolvedAgainst(folder),
        Products = [.. Products.Select(product => product.ResolvedAgainst(folder))],
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
