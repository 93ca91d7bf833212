using System.Text.Json;
using MrfAd.Engine.Search;
using MrfAd.Onnx.Graphs;
using MrfAd.Platform;

namespace MrfAd.Station.Options;

/// <summary>What a kind of device is meant to manage: the "device" section of a profile. Advice for learning, and what <c>mrfad check --device</c> measures against.</summary>
public sealed record DeviceProfile
{
    public const string Section = "device";

    /// <summary>For <c>learn --scales</c>.</summary>
    public required IReadOnlyList<double> Scales { get; init; }

    /// <summary>For <c>model build --precision</c>.</summary>
    public required GraphPrecision EncoderPrecision { get; init; }

    /// <summary>For <c>learn --precision</c>.</summary>
    public required RowPrecision RowPrecision { get; init; }

    /// <summary>Of a bank, MB; for <c>learn --budget</c>.</summary>
    public required int BankMb { get; init; }

    /// <summary>For one frame, from the image to the verdict.</summary>
    public required int FrameMs { get; init; }

    /// <summary>Of the agent, MB.</summary>
    public required int MemoryMb { get; init; }

    /// <param name="path">A profile.</param>
    /// <returns>Its "device" section, null where it has none; and the detector's options in it.</returns>
    /// <exception cref="UsageException">It cannot be used; the text says why.</exception>
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
            throw new UsageException($"{path}: {e.Message}");
        }
    }
}
