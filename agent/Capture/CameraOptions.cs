using MrfAd.Agent.Reporting;

namespace MrfAd.Agent.Capture;

/// <summary>One camera: where its frames come from, when one is taken, and what is published of it.</summary>
public sealed record CameraOptions
{
    /// <summary>A level of its topics and the label of its metrics.</summary>
    public string Name { get; init; } = "camera1";

    /// <summary>folder:PATH, folder:PATH?watch=true, file:PATH (a video), v4l2:N, v4l2:/dev/videoN, or rtsp://…</summary>
    public string Source { get; init; } = "folder:frames";

    /// <summary>folder: and file: start over at their end; otherwise they end there.</summary>
    public bool Loop { get; init; }

    public TriggerMode Trigger { get; init; } = TriggerMode.Mqtt;

    /// <summary>Between two triggers of <see cref="TriggerMode.Interval"/>.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>From a trigger to its frame at most; afterwards its verdict is TIMEOUT.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Triggers that may wait for inspection; the verdict of one more is INVALID.</summary>
    public int QueueLength { get; init; } = 4;

    public PictureOptions Heatmap { get; init; } = new() { Publish = PublishWhen.Always };

    public PictureOptions Frame { get; init; } = new() { Publish = PublishWhen.Never };
}
