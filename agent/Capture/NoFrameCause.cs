namespace MrfAd.Agent.Capture;

/// <summary>The kinds of <see cref="NoFrame"/>; labels of mrfad_frames_dropped_total.</summary>
public enum NoFrameCause
{
    /// <summary>The station still prepares.</summary>
    NotReady,
    QueueFull,

    /// <summary>No frame came before the deadline; the only one whose verdict is TIMEOUT.</summary>
    Deadline,

    /// <summary>A replay is over.</summary>
    SourceEnded,
    Unreadable,

    /// <summary>The image is not of the size that the detector learned.</summary>
    Mismatch,

    /// <summary>The station was told to stop before the frame was judged.</summary>
    Stopping,
}
