using System.Text.Json.Serialization;
using MrfAd.Station.Capture;

namespace MrfAd.Station.Options;

/// <summary>The options of one camera: the source of its frames, its trigger, its detector and the pictures that are published.</summary>
public sealed record CameraOptions
{
    /// <summary>The camera's name: a level of its topics and the label of its metrics.</summary>
    public string Name { get; init; } = "camera1";

    /// <summary>
    /// The source of the frames: folder:PATH, folder:PATH?watch=true, file:PATH (a video), v4l2:N, v4l2:/dev/videoN, rtsp://… and http://… (streams), gst:PIPELINE, gige:SERIAL,
    /// usb3:SERIAL, mqtt:TOPIC (images as messages), or http: (images by POST /inspect). See docs/cameras.md.
    /// </summary>
    public string Source { get; init; } = "folder:frames";

    /// <summary>Sources folder: and file: start over after their last frame; otherwise they end there.</summary>
    public bool Loop { get; init; }

    /// <summary>The source of the triggers, each of which makes the camera take a frame.</summary>
    public TriggerMode Trigger { get; init; } = TriggerMode.Mqtt;

    /// <summary>The GPIO chip and line whose rising edges trigger, such as gpiochip0:17; needed by <see cref="TriggerMode.Gpio"/> and allowed with no other.</summary>
    public string? TriggerLine { get; init; }

    /// <summary>The time between two triggers of <see cref="TriggerMode.Interval"/>, 1 ms to 24 h.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The maximum time from a trigger to its frame, 1 ms to 24 h; after it the verdict is TIMEOUT.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// The maximum silence of a camera that sends frames by itself (v4l2:, a stream, gst:, and gige: and usb3: in free_run); after it the camera is opened again.
    /// With null the limit follows the pace of its frames (<see cref="SilenceLimit"/>). With zero there is none, for a pipeline whose frames wait for a trigger of their own.
    /// </summary>
    public TimeSpan? StallAfter { get; init; }

    /// <summary>Decides which frames are inspected when they arrive faster than that; null means <see cref="Backpressure.Latest"/> for free_run and <see cref="Backpressure.Every"/> otherwise.</summary>
    public Backpressure? Policy { get; init; }

    /// <summary>The maximum number of triggers that wait for inspection; the verdict of one more is INVALID.</summary>
    public int QueueLength { get; init; } = 4;

    /// <summary>The JSON file with the settings of a gige:, usb3: or v4l2: camera (devices/camera.example.json); null leaves the camera as it is.</summary>
    public string? Profile { get; init; }

    /// <summary>The detector that judges the camera's frames; null means the station's detector.</summary>
    public DetectorOptions? Detector { get; init; }

    /// <summary>The score from which on a part is NG; null means the bank's own threshold. A threshold that cmd/threshold has set goes before it.</summary>
    public float? Threshold { get; init; }

    /// <summary>Checks each image before it is judged: one that is dark, blown out, blurred, or without the part where the good images had it is INVALID. The limits are in the bank.</summary>
    public bool CheckImage { get; init; } = true;

    /// <summary>The code that is read from each frame as the part's serial number; null means that there is none.</summary>
    public CodeOptions? Code { get; init; }

    /// <summary>The GPIO output that rejects a part; null means that there is none.</summary>
    public RejectOutputOptions? Gate { get; init; }

    /// <summary>Decides when and how the heatmap is published.</summary>
    public PictureOptions Heatmap { get; init; } = new() { Publish = PublishWhen.Always };

    /// <summary>Decides when and how the frame is published.</summary>
    public PictureOptions Frame { get; init; } = new() { Publish = PublishWhen.Never };

    /// <summary>Returns true for a camera whose frames are sent with their triggers, by MQTT or HTTP.</summary>
    [JsonIgnore]
    public bool FramesAreSent => Source.StartsWith("mqtt:", StringComparison.Ordinal) || Source == "http:";

    /// <summary>Returns the configured policy or, where there is none, the default of the trigger mode.</summary>
    [JsonIgnore]
    public Backpressure PolicyInForce => Policy ?? (Trigger == TriggerMode.FreeRun ? Backpressure.Latest : Backpressure.Every);

    /// <returns>The same options, in which relative paths are taken from the folder.</returns>
    public CameraOptions ResolvedAgainst(string folder) => this with
    {
        Source = SourceAddress.Resolve(Source, folder),
        Profile = Profile is null ? null : Path.GetFullPath(Profile, folder),
        Detector = Detector?.ResolvedAgainst(folder),
    };
}
