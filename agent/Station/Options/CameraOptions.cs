using System.Text.Json.Serialization;
using MrfAd.Station.Capture;

namespace MrfAd.Station.Options;

/// <summary>One camera: where its frames come from, when one is taken, and what is published of it.</summary>
public sealed record CameraOptions
{
    /// <summary>A level of its topics and the label of its metrics.</summary>
    public string Name { get; init; } = "camera1";

    /// <summary>
    /// folder:PATH, folder:PATH?watch=true, file:PATH (a video), v4l2:N, v4l2:/dev/videoN, rtsp://… and http://… (streams), gst:PIPELINE, gige:SERIAL,
    /// usb3:SERIAL, mqtt:TOPIC (images as messages), or http: (images by POST /inspect). See docs/cameras.md.
    /// </summary>
    public string Source { get; init; } = "folder:frames";

    /// <summary>folder: and file: start over at their end; otherwise they end there.</summary>
    public bool Loop { get; init; }

    public TriggerMode Trigger { get; init; } = TriggerMode.Mqtt;

    /// <summary>Of <see cref="TriggerMode.Gpio"/>: chip and line, gpiochip0:17; rising edges.</summary>
    public string? TriggerLine { get; init; }

    /// <summary>Between two triggers of <see cref="TriggerMode.Interval"/>.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>From a trigger to its frame at most; afterwards its verdict is TIMEOUT.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// A camera that sends frames by itself (v4l2:, a stream, gst:, and gige: and usb3: in free_run) and has sent none for so long is opened again. Null: by the
    /// pace of its frames (<see cref="SilenceLimit"/>). Zero: never; for a pipeline whose frames wait for a trigger of its own.
    /// </summary>
    public TimeSpan? StallAfter { get; init; }

    /// <summary>Frames that come by themselves; null: <see cref="Backpressure.Latest"/> for free_run, else <see cref="Backpressure.Every"/>.</summary>
    public Backpressure? Policy { get; init; }

    /// <summary>Triggers that may wait for inspection; the verdict of one more is INVALID.</summary>
    public int QueueLength { get; init; } = 4;

    /// <summary>A gige:, usb3: or v4l2: camera's settings, a JSON file (devices/camera.example.json); null: as the camera is.</summary>
    public string? Profile { get; init; }

    /// <summary>What judges its frames; null: the station's detector.</summary>
    public DetectorOptions? Detector { get; init; }

    /// <summary>The score from which on a part is NG; null: the bank's own. What cmd/threshold has set goes before it.</summary>
    public float? Threshold { get; init; }

    /// <summary>Images that are dark, blown out, blurred, or without the part where good ones had it are INVALID, by limits that learn has put into the bank.</summary>
    public bool CheckImage { get; init; } = true;

    /// <summary>A GPIO line for the reject gate; null: none.</summary>
    public RejectOutputOptions? Gate { get; init; }

    public PictureOptions Heatmap { get; init; } = new() { Publish = PublishWhen.Always };

    public PictureOptions Frame { get; init; } = new() { Publish = PublishWhen.Never };

    /// <summary>Its frames come with their triggers.</summary>
    [JsonIgnore]
    public bool FramesAreSent => Source.StartsWith("mqtt:", StringComparison.Ordinal) || Source == "http:";

    [JsonIgnore]
    public Backpressure PolicyInForce => Policy ?? (Trigger == TriggerMode.FreeRun ? Backpressure.Latest : Backpressure.Every);

    /// <returns>The same with relative paths taken from the folder.</returns>
    public CameraOptions ResolvedAgainst(string folder) => this with
    {
        Source = SourceAddress.Resolve(Source, folder),
        Profile = Profile is null ? null : Path.GetFullPath(Profile, folder),
        Detector = Detector?.ResolvedAgainst(folder),
    };
}
