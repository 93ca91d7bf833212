namespace MrfAd.Station.Options;

public enum SourceKind
{
    Folder,
    Video,
    Device,

    /// <summary>Video over RTSP or HTTP.</summary>
    Stream,

    /// <summary>A GStreamer pipeline.</summary>
    Pipeline,

    /// <summary>A GenICam camera on Ethernet; <see cref="Usb3"/>: on USB.</summary>
    GigE,
    Usb3,

    /// <summary>Frames that come as MQTT messages; <see cref="Http"/>: as uploads.</summary>
    Mqtt,
    Http,
}
