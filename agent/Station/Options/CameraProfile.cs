using System.Text.Json;
using MrfAd.Platform;

namespace MrfAd.Station.Options;

/// <summary>Settings that a GenICam or V4L2 camera gets when it is opened, from a file such as <c>devices/camera.example.json</c>; a setting that is null stays as the camera has it.</summary>
public sealed record CameraProfile
{
    /// <summary>The pixel format. For GenICam one of Mono8, Mono10, Mono12, Mono16, their packed kinds, BayerRG8 … BayerRG16, RGB8, BGR8; for V4L2 one of MJPG, YUYV, Mono8, Mono16, RGB8, BGR8.</summary>
    public string? PixelFormat { get; init; }

    /// <summary>The part of the sensor that is read out, in px. For V4L2 it is the size of the frames, and x and y are 0.</summary>
    public SensorRegion? Region { get; init; }

    /// <summary>The exposure time in µs, more than 0.</summary>
    public double? ExposureUs { get; init; }

    /// <summary>The frame rate of a camera that runs freely, in frames per second.</summary>
    public double? FrameRate { get; init; }

    /// <summary>The gain in the camera's own unit, mostly dB; a whole number for V4L2.</summary>
    public double? Gain { get; init; }

    /// <summary>The packet size on Ethernet in bytes; 0 selects the largest packet that gets through.</summary>
    public int? PacketSize { get; init; }

    /// <summary>The camera's own input line that triggers it with "trigger": "line".</summary>
    public string TriggerLine { get; init; } = "Line1";

    /// <summary>Other GenICam features or V4L2 controls by name; they are set in this order, before the settings above.</summary>
    public IReadOnlyDictionary<string, JsonElement> Features { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>Reads a profile from a JSON file.</summary>
    /// <exception cref="FormatException">The file is no profile; the text says where.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static CameraProfile Read(string path)
    {
        try
        {
            return StationJson.Parse(UserFiles.ReadText(path)).Deserialize<CameraProfile>(StationJson.Options)!;
        }
        catch (JsonException e)
        {
            throw new FormatException($"{path}: {JsonError.Describe(e)}", e);
        }
    }
}
