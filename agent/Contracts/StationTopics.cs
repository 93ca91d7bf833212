using System.Text;

namespace MrfAd.Contracts;

/// <summary>The topics of one station, below <c>mrfad/v1/&lt;site&gt;/&lt;line&gt;/&lt;station&gt;/</c>.</summary>
public sealed class StationTopics
{
    /// <summary>Maximum number of characters of a site, line, station, camera or trigger id. MQTT's limit of 65,535 bytes is for the whole topic.</summary>
    public const int MaxNameLength = 200;

    private readonly string _bankRoot;

    /// <summary>Makes the topics of a station.</summary>
    /// <exception cref="ArgumentException">A name cannot be a level of a topic; the text says which and why.</exception>
    public StationTopics(string site, string line, string station)
    {
        Root = $"mrfad/v1/{Level("site", site)}/{Level("line", line)}/{Level("station", station)}";
        Station = station;
        _bankRoot = Root;
    }

    private StationTopics(StationTopics station, string bankRoot) => (Root, Station, _bankRoot) = (station.Root, station.Station, bankRoot);

    public string Root { get; }

    public string Station { get; }

    public string Status => $"{Root}/status";

    public string State => $"{Root}/state";

    public string Outbox => $"{Root}/outbox";

    public string Part => $"{Root}/part";

    public string Bank => $"{_bankRoot}/bank";

    public string SelfTest => $"{_bankRoot}/self-test";

    /// <summary>The topic on which the station receives offers: the signed manifest of a new version.</summary>
    public string UpdateOffer => $"{_bankRoot}/update/offer";

    /// <summary>The topic on which the station requests chunks.</summary>
    public string UpdateWant => $"{_bankRoot}/update/want";

    /// <summary>The topic on which the station reports that an offer was refused.</summary>
    public string UpdateRefusal => $"{_bankRoot}/update/refusal";

    /// <summary>Returns the topic on which the station receives a chunk. "+" stands for any file or number.</summary>
    public string UpdateChunk(string sha256, string number) => $"{_bankRoot}/update/chunk/{sha256}/{number}";

    /// <summary>Returns the same topics, but with <c>bank</c>, <c>self-test</c> and <c>update/…</c> below a camera, for the detector that belongs to it.</summary>
    public StationTopics ForDetectorOf(string camera) => ForDetectorOf(null, camera);

    /// <summary>Returns the same topics, but with <c>bank</c>, <c>self-test</c> and <c>update/…</c> below <c>product/NAME</c> and the camera, for the detector that belongs to them.</summary>
    /// <param name="product">The product; null where the station has none.</param>
    /// <param name="camera">The camera; null for the station's or the product's own detector.</param>
    public StationTopics ForDetectorOf(string? product, string? camera) =>
        new(this, $"{Root}{(product is null ? "" : $"/product/{Level("product", product)}")}{(camera is null ? "" : $"/{Camera(camera)}")}");

    public string Verdict(string camera) => $"{Root}/{Camera(camera)}/verdict";

    public string Heatmap(string camera) => $"{Root}/{Camera(camera)}/heatmap";

    public string Frame(string camera) => $"{Root}/{Camera(camera)}/frame";

    public string Snapshot(string camera) => $"{Root}/{Camera(camera)}/snapshot";

    /// <summary>Returns the topic of a command.</summary>
    /// <param name="name">The name of the command, for example "trigger"; "+" to subscribe to all commands.</param>
    public string Command(string name) => $"{Root}/cmd/{(name == "+" ? name : Level("command", name))}";

    /// <summary>Returns the name of the command in a topic that matched <c>Command("+")</c>.</summary>
    public static string CommandName(string topic) => topic[(topic.LastIndexOf('/') + 1)..];

    private static string Camera(string camera) =>
        camera == "cmd" ? throw new ArgumentException("no camera can be called 'cmd': commands have that topic") : Level("camera", camera);

    /// <summary>Checks that a name can be one level of a topic, and returns it.</summary>
    /// <param name="what">The kind of name for the error message, for example "camera".</param>
    /// <exception cref="ArgumentException">It cannot; the text says why.</exception>
    public static string Level(string what, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var fault =
            name.Length == 0 ? "is empty"
            : name.Length > MaxNameLength ? $"has {name.Length} characters, at most {MaxNameLength} will do"
            : name.AsSpan().ContainsAny("/+#") ? "has one of '/', '+', '#'"
            : name.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)) ? "has white space or a control character"
            : !IsUnicode(name) ? "is not valid Unicode"
            : null;
        return fault is null ? name : throw new ArgumentException($"the {what} name '{name}' {fault}; want letters, digits, '-', '_' or '.'");
    }

    private static bool IsUnicode(string name)
    {
        var rest = name.AsSpan();
        while (!rest.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(rest, out _, out var used) != System.Buffers.OperationStatus.Done)
                return false;
            rest = rest[used..];
        }

        return true;
    }
}
