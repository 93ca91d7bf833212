using MrfAd.Engine.Images;
using MrfAd.Station.Options;

namespace MrfAd.Cli.Collecting;

/// <summary>The options of one collection.</summary>
public sealed record CollectOptions
{
    /// <summary>The camera, as a station has it.</summary>
    public required CameraOptions Camera { get; init; }

    /// <summary>What makes the camera take a picture; in the camera's own options <see cref="CollectTrigger.Key"/> is a trigger by a clock.</summary>
    public required CollectTrigger Trigger { get; init; }

    /// <summary>The folder for the good pictures.</summary>
    public required string Folder { get; init; }

    /// <summary>The number of good pictures after which it ends; null goes on until it is stopped or the source ends.</summary>
    public int? Count { get; init; }

    /// <summary>The port of the page on the loopback, 0 for any that is free.</summary>
    public int Port { get; init; }

    /// <summary>True shows the page.</summary>
    public bool HasPage { get; init; } = true;

    /// <summary>The topic of the station whose triggers take pictures; null where the images are the messages, or nothing comes over MQTT.</summary>
    public string? TriggerTopic { get; init; }

    /// <summary>The largest image that is decoded.</summary>
    public required ImageLimits Limits { get; init; }

    /// <summary>Returns true for a camera that is read all the time: each of its frames is a picture.</summary>
    public bool TakesEveryFrame => Trigger is CollectTrigger.FreeRun or CollectTrigger.Line;

    /// <summary>Returns true where pictures or triggers come over HTTP, or the page is shown.</summary>
    public bool HasServer => HasPage || Trigger == CollectTrigger.Http;

    /// <summary>One sentence that says what takes a picture, and how it ends.</summary>
    public string Hint(bool onTerminal) => Trigger switch
    {
        CollectTrigger.Key when onTerminal => "each key takes a picture; Q or Ctrl-C ends",
        CollectTrigger.Key => "each line of standard input takes a picture; its end or Ctrl-C ends",
        CollectTrigger.Interval => FormattableString.Invariant($"a picture is taken every {Camera.Interval.TotalSeconds:0.###} s; Ctrl-C ends"),
        CollectTrigger.FreeRun => "every frame is taken; Ctrl-C ends",
        CollectTrigger.Line => "each trigger on the camera's line takes a picture; Ctrl-C ends",
        CollectTrigger.Gpio => $"each rising edge on {Camera.TriggerLine} takes a picture; Ctrl-C ends",
        CollectTrigger.Http when Camera.FramesAreSent => "each image sent by POST /inspect is a picture; Ctrl-C ends",
        CollectTrigger.Http => "each POST /inspect takes a picture; Ctrl-C ends",
        _ when TriggerTopic is null => $"each message on {CameraName["mqtt:".Length..]} is a picture; Ctrl-C ends",
        _ => $"each message on {TriggerTopic} takes a picture; Ctrl-C ends",
    };

    /// <summary>The address of the camera without passwords.</summary>
    public string CameraName => Credentials.Masked(Camera.Source);
}
