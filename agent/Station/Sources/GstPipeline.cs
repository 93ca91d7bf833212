using System.Text.RegularExpressions;
using MrfAd.Station.Options;

namespace MrfAd.Station.Sources;

/// <summary>A GStreamer pipeline that has not been built yet.</summary>
/// <param name="Description">As for gst-launch-1.0. It holds no text of an address: that goes into <see cref="Properties"/>.</param>
public sealed partial record GstPipeline(string Description)
{
    /// <summary>The name of the element that gets <see cref="Properties"/>.</summary>
    public const string SourceName = "source";

    /// <summary>The name of the appsink.</summary>
    public const string SinkName = "mrfad";

    // What comes to the appsink is converted to what we take.
    private const string Sink = $"videoconvert ! appsink name={SinkName}";

    // What arrives is decoded, whatever it is, and each frame handed over at once: its time stamp tells when to show it, and nobody watches.
    private const string Decoded = $"decodebin ! {Sink} sync=false";

    // A camera that has been switched on a moment ago sends its first whole picture after some seconds.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Text properties of the source, set as they are.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Properties { get; private init; } = [];

    /// <summary>It counts as open when its first frame is there, and has failed when none has come within this time. Null: it is open when it plays.</summary>
    public TimeSpan? FirstFrameWithin { get; private init; }

    /// <summary>Where it connects to; null: nowhere, or unknown.</summary>
    public Uri? Server { get; private init; }

    /// <param name="description">As for gst-launch-1.0; without an appsink it gets one at its end.</param>
    public static GstPipeline Parse(string description) =>
        new(AppSink().IsMatch(description) ? AppSink().Replace(description, Sink, 1) : $"{description} ! {Sink}");

    /// <param name="address">rtsp:, rtsps:, http: or https:, user name and password in it.</param>
    /// <exception cref="ArgumentException">It is another scheme's.</exception>
    public static GstPipeline Stream(Uri address)
    {
        // Over TCP nothing is lost or overtaken, so that nothing need wait for what is late; a sound track is left alone.
        var source = address.Scheme switch
        {
            "rtsp" or "rtsps" => $"rtspsrc name={SourceName} protocols=tcp latency=0 tcp-timeout=10000000 ! application/x-rtp,media=video",
            "http" or "https" => $"souphttpsrc name={SourceName} is-live=true do-timestamp=true timeout=10 retries=0",
            _ => throw new ArgumentException($"want rtsp:, rtsps:, http: or https:, got {address.Scheme}:", nameof(address)),
        };
        var server = Credentials.Without(address);
        List<KeyValuePair<string, string>> properties = [new("location", server.AbsoluteUri)];
        if (Credentials.In(address) is var (user, password))
            properties.AddRange([new("user-id", user), new("user-pw", password)]);
        return new GstPipeline($"{source} ! {Decoded}") { Properties = properties, FirstFrameWithin = Patience, Server = server };
    }

    /// <param name="path">/dev/videoN.</param>
    /// <exception cref="FormatException">The profile holds what a V4L2 camera has not.</exception>
    public static GstPipeline Device(string path, CameraProfile profile)
    {
        var controls = V4l2Settings.Controls(profile);
        return new GstPipeline($"v4l2src name={SourceName}{(controls.Length == 0 ? "" : $" extra-controls=\"{controls}\"")} ! capsfilter caps=\"{V4l2Settings.Caps(profile)}\" ! {Decoded}")
        {
            Properties = [new("device", path)],
            FirstFrameWithin = Patience,
        };
    }

    [GeneratedRegex(@"\bappsink\b")]
    private static partial Regex AppSink();
}
