namespace MrfAd.Station.Capture;

/// <summary>The causes of a missing or unusable frame; they are labels of mrfad_frames_dropped_total.</summary>
public enum NoFrameCause
{
    /// <summary>The station is still preparing.</summary>
    NotReady,

    /// <summary>The queue had no room for another trigger.</summary>
    QueueFull,

    /// <summary>The memory budget has no room for another frame.</summary>
    MemoryFull,

    /// <summary>No frame came before the deadline; this is the only cause with the verdict TIMEOUT.</summary>
    Deadline,

    /// <summary>The source has no more frames.</summary>
    SourceEnded,

    /// <summary>The frame cannot be read or decoded.</summary>
    Unreadable,

    /// <summary>An error that no frame should cause: a fault of a decoder, a driver or this program.</summary>
    Error,

    /// <summary>Packets of the frame were lost on the way.</summary>
    Torn,

    /// <summary>The camera has counted a frame that never arrived.</summary>
    Lost,

    /// <summary>The camera has counted no frame for a trigger that it was sent.</summary>
    Ignored,

    /// <summary>The image does not have the size that the detector learned.</summary>
    Mismatch,

    /// <summary>The image is too dark, compared with those of good parts.</summary>
    Dark,

    /// <summary>The image has too many saturated pixels, compared with those of good parts.</summary>
    BlownOut,

    /// <summary>The image is less sharp than those of good parts.</summary>
    Blurred,

    /// <summary>The image shows no part.</summary>
    PartAbsent,

    /// <summary>The part looks like those of another product.</summary>
    ProductMismatch,

    /// <summary>The part is not where the good parts were.</summary>
    PartMoved,

    /// <summary>The trigger names a product that the station does not have.</summary>
    UnknownProduct,

    /// <summary>The model of the product cannot be opened.</summary>
    NoModel,

    /// <summary>The image shows no part that could be aligned to the reference.</summary>
    NotAligned,

    /// <summary>The code that the part must carry could not be read.</summary>
    CodeUnreadable,

    /// <summary>The station was told to stop before the frame was judged.</summary>
    Stopping,
}
