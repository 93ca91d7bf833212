namespace MrfAd.Station.Capture;

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

    /// <summary>Packets were lost on the way: what is there of the frame is not guessed at.</summary>
    Torn,

    /// <summary>The camera has taken a frame, by its own count, that never arrived.</summary>
    Lost,

    /// <summary>The camera has not taken a frame, by its own count, for a trigger it was sent.</summary>
    Ignored,

    /// <summary>The image is not of the size that the detector learned.</summary>
    Mismatch,

    /// <summary>Too dark, against what good parts looked like; as are the following.</summary>
    Dark,
    BlownOut,
    Blurred,
    PartAbsent,
    PartMoved,

    /// <summary>The station was told to stop before the frame was judged.</summary>
    Stopping,
}
