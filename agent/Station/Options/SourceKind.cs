namespace MrfAd.Station.Options;

/// <summary>The kinds of sources of frames.</summary>
public enum SourceKind
{
    /// <summary>Image files in a folder.</summary>
    Folder,
    /// <summary>A video file.</summary>
    Video,
    /// <summary>A V4L2 camera.</summary>
    Device,

    /// <summary>Video over RTSP or HTTP.</summary>
    Stream,

    /// <summary>A GStreamer pipeline.</summary>
    Pipeline,

    /// <summary>A GenICam camera on Ethernet (GigE Vision).</summary>
    GigE,

    /// <summary>A GenICam camera on USB (USB3 Vision).</summary>
    Usb3,

    /// <summary>Frames that come as MQTT messages.</summary>
    Mqtt,

    /// <summary>Frames that come as HTTP uploads.</summary>
    Http,
}
