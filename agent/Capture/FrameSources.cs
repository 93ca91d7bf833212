using MrfAd.Engine.Images;

namespace MrfAd.Agent.Capture;

/// <summary>Opens a camera's source by its scheme.</summary>
public static class FrameSources
{
    // A camera that was unplugged is looked for twice a second at first, and every 10 s when it stays away.
    private static readonly TimeSpan ReopenDelay = TimeSpan.FromMilliseconds(500);

    // A picture of some megabytes over a network share arrives with pauses well below this.
    private static readonly TimeSpan SettleTime = TimeSpan.FromMilliseconds(200);

    /// <param name="mismatch">As in <see cref="GenICam.GenICamSource"/>.</param>
    /// <param name="problem">Told why no frames come; null when they come again.</param>
    /// <exception cref="FormatException">The source is of no known form.</exception>
    /// <exception cref="IOException">The folder cannot be watched.</exception>
    /// <exception cref="VideoException">The video file cannot be opened.</exception>
    public static IFrameSource Open(CameraOptions camera, TimeProvider clock, Action<string?> problem, Action<string, long> mismatch)
    {
        var address = SourceAddress.Parse(camera.Source);
        return address.Kind switch
        {
            SourceKind.Folder when address.Watch => new WatchedFolderSource(address.Place, SettleTime, clock, problem),
            SourceKind.Folder => new FolderSource(address.Place, camera.Loop, clock),
            SourceKind.Video => new VideoFileSource(address.Place, camera.Loop, clock),
            SourceKind.Device => Live(address.ToString(), () => new OpenCvReader(VideoReader.OpenDevice(address.Device))),
            SourceKind.Stream => Live(WithoutPassword(address.Place), () => new OpenCvReader(VideoReader.Open(address.Place))),
            SourceKind.Pipeline => Live($"the pipeline of {camera.Name}", () => new GstReader(address.Place)),
            SourceKind.GigE or SourceKind.Usb3 => new GenICam.GenICamSource(camera, clock, problem, mismatch),
            _ => new SentFrames(),
        };

        LiveSource Live(string name, Func<ILiveReader> open) =>
            new(name, open, camera is { Trigger: TriggerMode.FreeRun, PolicyInForce: Backpressure.Every }, ReopenDelay, camera.StallAfter, clock, problem);
    }

    // A stream's URL may hold one; it must not reach a log or a message.
    private static string WithoutPassword(string url) => new UriBuilder(url) { UserName = "", Password = "" }.Uri.ToString();
}
