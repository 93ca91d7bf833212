using MrfAd.Engine.Images;

namespace MrfAd.Agent.Capture;

/// <summary>Opens a camera's source by its scheme.</summary>
public static class FrameSources
{
    // A camera that was unplugged is looked for twice a second at first, and every 10 s when it stays away.
    private static readonly TimeSpan ReopenDelay = TimeSpan.FromMilliseconds(500);

    // A picture of some megabytes over a network share arrives with pauses well below this.
    private static readonly TimeSpan SettleTime = TimeSpan.FromMilliseconds(200);

    /// <param name="problem">Told why no frames come; null when they come again.</param>
    /// <exception cref="FormatException">The source is of no known form.</exception>
    /// <exception cref="IOException">The folder cannot be watched.</exception>
    /// <exception cref="VideoException">The video file cannot be opened.</exception>
    public static IFrameSource Open(CameraOptions camera, TimeProvider clock, Action<string?> problem)
    {
        var address = SourceAddress.Parse(camera.Source);
        return address.Kind switch
        {
            SourceKind.Folder when address.Watch => new WatchedFolderSource(address.Place, SettleTime, clock),
            SourceKind.Folder => new FolderSource(address.Place, camera.Loop, clock),
            SourceKind.Video => new VideoFileSource(address.Place, camera.Loop, clock),
            SourceKind.Device => new LiveSource(address.ToString(), () => VideoReader.OpenDevice(address.Device), ReopenDelay, clock, problem),
            _ => new LiveSource(WithoutPassword(address.Place), () => VideoReader.Open(address.Place), ReopenDelay, clock, problem),
        };
    }

    // A stream's URL may hold one; it must not reach a log or a message.
    private static string WithoutPassword(string url) => new UriBuilder(url) { UserName = "", Password = "" }.Uri.ToString();
}
