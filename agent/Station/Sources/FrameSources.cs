using MrfAd.Engine.Images;
using MrfAd.Station.Capture;
using MrfAd.Station.GenICam;
using MrfAd.Station.Options;

namespace MrfAd.Station.Sources;

/// <summary>Opens the source of a camera by the scheme of its address.</summary>
public static class FrameSources
{
    // An unplugged camera is looked for after half a second at first, and every 10 s when it stays away.
    private static readonly TimeSpan ReopenDelay = TimeSpan.FromMilliseconds(500);

    // A picture of some megabytes over a network share arrives with pauses well below this.
    private static readonly TimeSpan SettleTime = TimeSpan.FromMilliseconds(200);

    /// <param name="warning">Called with the reason why some frames may come late or not at all, and with null when that is over.</param>
    /// <param name="limits">Returns the largest image that is decoded.</param>
    /// <param name="mismatch">Called with the kind and number of frames that triggers and the camera's counter disagree about.</param>
    /// <param name="problem">Called with the reason when frames stop coming, and with null when they come again.</param>
    /// <exception cref="FormatException">The source is of no known form, or the camera's profile cannot be used.</exception>
    /// <exception cref="IOException">The folder cannot be watched.</exception>
    /// <exception cref="VideoException">The video file cannot be opened.</exception>
    public static IFrameSource Open(CameraOptions camera, Func<ImageLimits> limits, TimeProvider clock, Action<string?> problem, Action<string?> warning, Action<string, long> mismatch)
    {
        var address = SourceAddress.Parse(camera.Source);
        return address.Kind switch
        {
            SourceKind.Folder when address.Watch => new WatchedFolderSource(address.Place, SettleTime, limits, clock, problem, warning),
            SourceKind.Folder => new FolderSource(address.Place, camera.Loop, limits, clock, problem),
            SourceKind.Video => new VideoFileSource(address.Place, camera.Loop, clock, problem),
            SourceKind.Device => Live(address.ToString(), GstPipeline.Device(address.Place, camera.Profile is { } path ? CameraProfile.Read(path) : new CameraProfile())),
            SourceKind.Stream => Live(Credentials.Masked(Credentials.Without(new Uri(address.Place)).AbsoluteUri), GstPipeline.Stream(new Uri(address.Place))),
            SourceKind.Pipeline => Live($"the pipeline of {camera.Name}", GstPipeline.Parse(address.Place)),
            SourceKind.GigE or SourceKind.Usb3 => new GenICamSource(camera, clock, problem, mismatch),
            SourceKind.Mqtt or SourceKind.Http => new SentFrames(),
            _ => throw new NotSupportedException($"no source is made for {address.Kind}"),
        };

        LiveSource Live(string name, GstPipeline pipeline) =>
            new(name, cancellationToken => new GstReader(pipeline, clock, cancellationToken), camera is { Trigger: TriggerMode.FreeRun, PolicyInForce: Backpressure.Every }, ReopenDelay, camera.StallAfter, clock, problem);
    }
}
