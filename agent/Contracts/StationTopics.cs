using System.Text;

namespace MrfAd.Contracts;

/// <summary>The topics of one station, below <c>mrfad/v1/&lt;site&gt;/&lt;line&gt;/&lt;station&gt;/</c>.</summary>
public sealed class StationTopics
{
    /// <summary>Characters of a site, line, station, camera or trigger id; MQTT's limit of 65,535 bytes is for the whole topic.</summary>
    public const int LongestName = 200;

    private readonly string _bankRoot;

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

    public string Bank => $"{_bankRoot}/bank";

    public string SelfTest => $"{_bankRoot}/self-test";

    /// <summary>To the station: a new version, its signed manifest.</summary>
    public string UpdateOffer => $"{_bankRoot}/update/offer";

    /// <summary>From the station: which chunks it wants.</summary>
    public string UpdateWant => $"{_bankRoot}/update/want";

    /// <summary>From the station: an offer was refused.</summary>
    public string UpdateRefusal => $"{_bankRoot}/update/refusal";

    /// <summary>To the station: one of them. "+" stands for any.</summary>
    public string UpdateChunk(string sha256, string number) => $"{_bankRoot}/update/chunk/{sha256}/{number}";

    /// <summary>The same, but <c>bank</c>, <c>self-test</c> and <c>update/…</c> are those of a camera's own detector: below the camera.</summary>
    public StationTopics ForDetectorOf(string camera) => new(this, $"{Root}/{Camera(camera)}");

    public string Verdict(string camera) => $"{Root}/{Camera(camera)}/verdict";

    public string Heatmap(string camera) => $"{Root}/{Camera(camera)}/heatmap";

    public string Frame(string camera) => $"{Root}/{Camera(camera)}/frame";

    public string Snapshot(string camera) => $"{Root}/{Camera(camera)}/snapshot";

    /// <param name="name">"trigger"; or "+" to subscribe to all commands.</param>
    public string Command(string name) => $"{Root}/cmd/{(name == "+" ? name : Level("command", name))}";

    /// <summary>The command's name in a topic that <c>Command("+")</c> matched.</summary>
    public static string CommandName(string topic) => topic[(topic.LastIndexOf('/') + 1)..];

    private static string Camera(string camera) =>
        camera == "cmd" ? throw new ArgumentException("no camera can be called 'cmd': commands have that topic") : Level("camera", camera);

    /// <returns>The name, if it can be one level of a topic.</returns>
    public static string Level(string what, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var fault =
            name.Length == 0 ? "is empty"
            : name.Length > LongestName ? $"has {name.Length} characters, at most {LongestName} will do"
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
