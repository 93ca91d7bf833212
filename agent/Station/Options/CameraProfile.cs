using System.Text.Json;
using MrfAd.Platform;

namespace MrfAd.Station.Options;

/// <summary>Settings that a GenICam or V4L2 camera gets when it is opened; null: as the camera is. A file of its own: <c>devices/camera.example.json</c>.</summary>
public sealed record CameraProfile
{
    /// <summary>GenICam's name: Mono8, Mono10, Mono12, Mono16, their packed kinds, BayerRG8 … BayerRG16, RGB8, BGR8. A V4L2 camera: MJPG, YUYV, Mono8, Mono16, RGB8, BGR8.</summary>
    public string? PixelFormat { get; init; }

    /// <summary>The part of the sensor that is read out, px. A V4L2 camera: the size of its frames, x and y 0.</summary>
    public SensorRegion? Region { get; init; }

    public double? ExposureUs { get; init; }

    /// <summary>Frames a second of a camera that runs freely.</summary>
    public double? FrameRate { get; init; }

    /// <summary>In the camera's own unit, dB mostly; of a V4L2 camera a whole number.</summary>
    public double? Gain { get; init; }

    /// <summary>Bytes of a packet on Ethernet; 0: the largest that gets through.</summary>
    public int? PacketSize { get; init; }

    /// <summary>The camera's line for "trigger": "line".</summary>
    public string TriggerLine { get; init; } = "Line1";

    /// <summary>Any other GenICam feature or V4L2 control, by name, in this order, before the settings above.</summary>
    public IReadOnlyDictionary<string, JsonElement> Features { get; init; } = new Dictionary<string, JsonElement>();

    /// <exception cref="FormatException">It is no profile; the text says where.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static CameraProfile Read(string path)
    {
        try
        {
            return StationJson.Parse(UserFiles.ReadText(path)).Deserialize<CameraProfile>(StationJson.Options)!;
        }
        catch (JsonException e)
        {
            throw new FormatException($"{path}: {e.Message}", e);
        }
    }
}
