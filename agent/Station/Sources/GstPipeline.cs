using System.Text.RegularExpressions;
using MrfAd.Station.Options;

namespace MrfAd.Station.Sources;

/// <summary>The description of a GStreamer pipeline that has not been built yet.</summary>
/// <param name="Description">The pipeline in the syntax of gst-launch-1.0. It holds no part of an address, which goes into <see cref="Properties"/>.</param>
public sealed partial record GstPipeline(string Description)
{
    /// <summary>The name of the element that gets <see cref="Properties"/>.</summary>
    public const string SourceName = "source";

    /// <summary>The name of the appsink.</summary>
    public const string SinkName = "mrfad";

    // Converts frames to the formats that the appsink accepts.
    private const string Sink = $"videoconvert ! appsink name={SinkName}";

    // Decodes any stream and hands each frame over at once: time stamps only say when to show a frame, which does not matter here.
    private const string Decoded = $"decodebin ! {Sink} sync=false";

    // A camera that has just been switched on sends its first whole picture after some seconds.
    private static readonly TimeSpan DefaultFirstFrameTimeout = TimeSpan.FromSeconds(20);

    /// <summary>Text properties of the source element, set verbatim.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Properties { get; private init; } = [];

    /// <summary>The time within which the first frame must come for the pipeline to count as open. Null means that it is open as soon as it plays.</summary>
    public TimeSpan? FirstFrameTimeout { get; private init; }

    /// <summary>The server to which the pipeline connects, without user name and password; null where there is none, or it is unknown.</summary>
    public Uri? Server { get; private init; }

    /// <returns>A pipeline of one's own.</returns>
    /// <param name="description">The pipeline in the syntax of gst-launch-1.0; without an appsink it gets one at its end.</param>
    public static GstPipeline Parse(string description) =>
        new(AppSink().IsMatch(description) ? AppSink().Replace(description, Sink, 1) : $"{description} ! {Sink}");

    /// <returns>The pipeline of a network stream.</returns>
    /// <param name="address">An address with the scheme rtsp:, rtsps:, http: or https:, which may hold a user name and password.</param>
    /// <exception cref="ArgumentException">The address has another scheme.</exception>
    public static GstPipeline Stream(Uri address)
    {
        // Over TCP no packet is lost or reordered, so that a jitter buffer (latency) is not needed. Sound tracks are ignored.
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
        return new GstPipeline($"{source} ! {Decoded}") { Properties = properties, FirstFrameTimeout = DefaultFirstFrameTimeout, Server = server };
    }

    /// <returns>The pipeline of a V4L2 camera.</returns>
    /// <param name="path">The path of the device, /dev/videoN.</param>
    /// <exception cref="FormatException">The profile has a setting that V4L2 cameras do not have.</exception>
    public static GstPipeline Device(string path, CameraProfile profile)
    {
        var controls = V4l2Settings.Controls(profile);
        return new GstPipeline($"v4l2src name={SourceName}{(controls.Length == 0 ? "" : $" extra-controls=\"{controls}\"")} ! capsfilter caps=\"{V4l2Settings.Caps(profile)}\" ! {Decoded}")
        {
            Properties = [new("device", path)],
            FirstFrameTimeout = DefaultFirstFrameTimeout,
        };
    }

    [GeneratedRegex(@"\bappsink\b")]
    private static partial Regex AppSink();
}
