using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace MrfAd.Station.Options;

/// <summary>Translates a camera's profile to V4L2 controls and to the caps of GStreamer's v4l2src.</summary>
public static partial class V4l2Settings
{
    // The unit of V4L2_CID_EXPOSURE_ABSOLUTE, in µs.
    private const double ExposureUnitUs = 100;

    // V4L2_EXPOSURE_MANUAL.
    private const int ManualExposure = 1;

    /// <summary>Checks that a V4L2 camera can have the settings of a profile.</summary>
    /// <exception cref="FormatException">The profile has a setting that V4L2 cameras do not have.</exception>
    public static void Check(CameraProfile profile) => _ = (Controls(profile), Caps(profile));

    /// <returns>GStreamer caps: the formats, size and frame rate that the camera may send. Without a pixel format: raw or JPEG, whichever it has.</returns>
    /// <exception cref="FormatException">The profile has a setting that V4L2 cameras do not have.</exception>
    public static string Caps(CameraProfile profile)
    {
        if (profile.PacketSize is not null)
            throw new FormatException("packet_size: a V4L2 camera has none");
        if (profile.Region is { } region && (region.X != 0 || region.Y != 0 || region.Width < 1 || region.Height < 1))
            throw new FormatException($"region: a V4L2 camera has a size and no place: want x 0 and y 0, got {region}");
        var size = profile.Region is { } r ? string.Create(CultureInfo.InvariantCulture, $",width={r.Width},height={r.Height}") : "";
        var rate = profile.FrameRate is { } f ? $",framerate={Fraction(f)}" : "";
        return string.Join(';', Formats(profile.PixelFormat).Select(format => $"{format}{size}{rate}"));
    }

    /// <returns>The property extra-controls of v4l2src, in the order in which the controls are set; empty where there are none.</returns>
    /// <exception cref="FormatException">A control's name or value cannot be one.</exception>
    public static string Controls(CameraProfile profile)
    {
        var controls = profile.Features.Select(f => (f.Key, Value(f.Key, f.Value))).ToList();
        if (profile.ExposureUs is { } exposure)
        {
            if (!(exposure > 0 && exposure / ExposureUnitUs <= int.MaxValue))
                throw new FormatException($"exposure_us: want more than 0, got {exposure.ToString(CultureInfo.InvariantCulture)}");
            // The names of the same controls in kernels until 5.15 and since; v4l2src ignores names that the driver does not have.
            var units = Math.Max(1, (int)Math.Round(exposure / ExposureUnitUs));
            controls.AddRange([("exposure_auto", ManualExposure), ("auto_exposure", ManualExposure), ("exposure_absolute", units), ("exposure_time_absolute", units)]);
        }

        if (profile.Gain is { } gain)
        {
            if (gain != Math.Round(gain) || Math.Abs(gain) > int.MaxValue)
                throw new FormatException($"gain: a V4L2 camera's is a whole number, got {gain.ToString(CultureInfo.InvariantCulture)}");
            controls.Add(("gain", (int)gain));
        }

        return controls.Count == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"controls,{string.Join(',', controls.Select(c => $"{c.Item1}=(int){c.Item2}"))}");
    }

    private static IEnumerable<string> Formats(string? pixelFormat) => pixelFormat switch
    {
        null => ["video/x-raw", "image/jpeg"],
        "MJPG" => ["image/jpeg"],
        "YUYV" => ["video/x-raw,format=YUY2"],
        "Mono8" => ["video/x-raw,format=GRAY8"],
        "Mono16" => ["video/x-raw,format=GRAY16_LE"],
        "RGB8" => ["video/x-raw,format=RGB"],
        "BGR8" => ["video/x-raw,format=BGR"],
        _ => throw new FormatException($"pixel_format: of a V4L2 camera want MJPG, YUYV, Mono8, Mono16, RGB8, BGR8 or null (any), got '{pixelFormat}'"),
    };

    private static int Value(string control, JsonElement value)
    {
        if (!ControlName().IsMatch(control))
            throw new FormatException($"features: want names as 'v4l2-ctl --list-ctrls' prints them, got '{control}'");
        return value.ValueKind switch
        {
            JsonValueKind.True => 1,
            JsonValueKind.False => 0,
            JsonValueKind.Number when value.TryGetInt32(out var number) => number,
            _ => throw new FormatException($"features: {control}: want a whole number, true or false, got {value}"),
        };
    }

    // A driver offers whole numbers, simple fractions, or the 30000/1001 of television, and accepts only exactly these.
    private static string Fraction(double framesPerSecond)
    {
        if (!(framesPerSecond is > 0 and <= 100_000))
            throw new FormatException($"frame_rate: want more than 0, got {framesPerSecond.ToString(CultureInfo.InvariantCulture)}");
        foreach (var divisor in (int[])[1, 2, 3, 4, 5, 10, 1001])
        {
            var dividend = divisor == 1001 ? 1000 * Math.Round(framesPerSecond) : Math.Round(framesPerSecond * divisor);
            if (dividend > 0 && Math.Abs((dividend / divisor) - framesPerSecond) < 0.0005)
                return string.Create(CultureInfo.InvariantCulture, $"{dividend}/{divisor}");
        }

        return string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, Math.Round(framesPerSecond * 1000))}/1000");
    }

    [GeneratedRegex("^[a-z0-9_]+$")]
    private static partial Regex ControlName();
}
