using System.Globalization;
using MrfAd.Engine.Images;
using MrfAd.Engine.Verdicts;
using MrfAd.Platform;
using MrfAd.Station.Capture;
using MrfAd.Station.GenICam;
using MrfAd.Station.Options;
using MrfAd.Station.Sources;

namespace MrfAd.Cli.Commands;

/// <summary><c>mrfad check --cameras</c>: finds the cameras connected to this machine and takes a test shot with each.</summary>
/// <param name="shots">Folder for the test shots; null if they are not to be kept.</param>
public sealed class CameraCheck(string? shots, TimeProvider clock)
{
    private static readonly TimeSpan FrameTimeout = TimeSpan.FromSeconds(5);

    /// <returns>One result for the search and one for each camera, as soon as it is known.</returns>
    public IEnumerable<CheckResult> Run()
    {
        IReadOnlyList<GenICamDevice> devices = [];
        yield return RuntimeCheck.Images();
        yield return Try("cameras", () =>
        {
            devices = GenICamDevice.Search();
            return devices.Count == 0 ? "no GigE Vision or USB3 Vision camera answers" : $"{devices.Count} GigE Vision or USB3 Vision";
        });
        foreach (var device in devices)
            yield return Try($"{(device.Protocol == "GigEVision" ? "gige" : "usb3")}:{device.Serial}", () => Shoot(device));
        foreach (var path in UserFiles.Files("/dev", "video*").Order(StringComparer.Ordinal))
            yield return Try($"v4l2:{path}", () => Shoot(path));
    }

    private string Shoot(GenICamDevice device)
    {
        using var camera = new GenICamCamera(device, new CameraProfile(), TriggerMode.FreeRun, clock);
        using var image = FirstWhole(camera, device);
        return $"{device}: {Describe(image, device.Serial)}";
    }

    /// <exception cref="IOException">No whole frame came in time: the error of the last torn one, if there was one.</exception>
    private Image FirstWhole(GenICamCamera camera, GenICamDevice device)
    {
        var fault = new IOException($"{device} opened and sent nothing within {FrameTimeout.TotalSeconds} s");
        var start = clock.GetTimestamp();
        while (clock.GetElapsedTime(start) < FrameTimeout)
        {
            try
            {
                if (camera.Take(FrameTimeout - clock.GetElapsedTime(start), out _) is { } image)
                    return image;
            }
            catch (NoFrameException e)
            {
                fault = new IOException($"{device} sent no whole frame within {FrameTimeout.TotalSeconds} s: {e.Message}");
            }
        }

        throw fault;
    }

    private string Shoot(string path)
    {
        using var reader = new GstReader(GstPipeline.Device(path, new CameraProfile()), clock, CancellationToken.None);
        using var image = reader.Read() ?? throw new IOException("it opened and sent nothing");
        return Describe(image, Path.GetFileName(path));
    }

    private string Describe(Image image, string name)
    {
        var statistics = ImageStatistics.Of(image);
        var kept = "";
        if (shots is not null)
        {
            UserFiles.CreateFolder(shots);
            var file = Path.Combine(shots, $"{name}.png");
            UserFiles.WriteBytes(file, ImageCodec.Encode(image, ImageFormat.Png));
            kept = $", {file}";
        }

        return string.Create(CultureInfo.InvariantCulture, $"{image}, brightness {statistics.Brightness:0.00}, saturated {statistics.Saturated:P0}, sharpness {statistics.Sharpness:0.00}{kept}");
    }

    private CheckResult Try(string name, Func<string> check)
    {
        var start = clock.GetTimestamp();
        var (ok, detail) = (true, "");
        try
        {
            detail = check();
        }
        catch (Exception e) when (e is IOException or NativeLibraryException or ImageFormatException)
        {
            (ok, detail) = (false, e.Message);
        }

        return new CheckResult(name, ok, detail, clock.GetElapsedTime(start).TotalMilliseconds);
    }
}
