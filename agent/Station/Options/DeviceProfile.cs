using System.Text.Json;
using MrfAd.Engine.Search;
using MrfAd.Onnx.Graphs;
using MrfAd.Platform;

namespace MrfAd.Station.Options;

/// <summary>The capacity of a kind of device: the "device" section of a profile. It advises learning, and <c>mrfad check --device</c> measures against it.</summary>
public sealed record DeviceProfile
{
    /// <summary>The name of the section.</summary>
    public const string Section = "device";

    /// <summary>The scales of the image for <c>learn --scales</c>, each above 0 and up to 4.</summary>
    public required IReadOnlyList<double> Scales { get; init; }

    /// <summary>The precision of the encoder for <c>model build --precision</c>.</summary>
    public required GraphPrecision EncoderPrecision { get; init; }

    /// <summary>The precision of the bank's rows for <c>learn --precision</c>.</summary>
    public required RowPrecision RowPrecision { get; init; }

    /// <summary>The maximum size of a bank in MB, for <c>learn --budget</c>.</summary>
    public required int BankMb { get; init; }

    /// <summary>The maximum time from an image to its verdict in ms.</summary>
    public required int FrameMs { get; init; }

    /// <summary>The maximum memory of the agent's process in MB.</summary>
    public required int MemoryMb { get; init; }

    /// <param name="path">The path of the profile.</param>
    /// <returns>The "device" section, null where the profile has none, and the options of the detector in it.</returns>
    /// <exception cref="UsageException">The profile cannot be used; the text says why.</exception>
    public static (DeviceProfile? Device, DetectorOptions Detector) Read(string path)
    {
        try
        {
            var tree = StationJson.Parse(UserFiles.ReadText(path));
            var device = tree[Section].Deserialize<DeviceProfile>(StationJson.Options);
            var fault = device is null ? null
                : device.Scales.Count == 0 || !device.Scales.All(s => s is > 0 and <= 4) ? "device.scales: want one or more numbers above 0 and up to 4"
                : new[] { device.BankMb, device.FrameMs, device.MemoryMb }.Min() < 1 ? "device.bank_mb, frame_ms, memory_mb: want 1 or more"
                : null;
            return fault is null ? (device, tree["detector"].Deserialize<DetectorOptions>(StationJson.Options) ?? new()) : throw new UsageException($"{path}: {fault}");
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            throw new UsageException($"{path}: {(e is JsonException json ? JsonError.Describe(json) : e.Message)}");
        }
    }
}
