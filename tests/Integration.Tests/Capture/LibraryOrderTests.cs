using System.Text.RegularExpressions;
using MrfAd.Engine.Images;
using MrfAd.Station.Capture;
using MrfAd.Station.Options;
using MrfAd.Station.Sources;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Capture;

/// <summary>OpenCV and GStreamer in one process, loaded in either order: each test in a process of its own.</summary>
public sealed partial class LibraryOrderTests
{
    private const int Width = 96, Height = 64;
    private const string Plain = "gst:videotestsrc pattern=red num-buffers=2 ! video/x-raw,width=96,height=64";
    private const string Jpegs = "gst:videotestsrc is-live=true pattern=red ! video/x-raw,format=I420,width=96,height=64,framerate=20/1 ! jpegenc ! jpegdec";
    private const string Pngs = "gst:videotestsrc is-live=true pattern=red ! video/x-raw,format=RGB,width=96,height=64,framerate=20/1 ! pngenc ! pngdec";

    private static TimeSpan Timeout => TestTimeout.Value;

    [Fact]
    public Task A_folder_a_stream_and_pipelines_of_compressed_images_work_in_one_process_where_OpenCV_comes_first() => OwnProcess.RunAsync(async () =>
    {
        OpenCvLibrary.Load();
        await TakeAsync(Plain);
        await AllAsync();
    });

    [Fact]
    public Task A_folder_a_stream_and_pipelines_of_compressed_images_work_in_one_process_where_GStreamer_comes_first() => OwnProcess.RunAsync(async () =>
    {
        await TakeAsync(Plain);
        OpenCvLibrary.Load();
        await AllAsync();
    });

    [Fact]
    public Task A_folder_a_stream_and_pipelines_of_compressed_images_work_in_one_process_where_a_decoded_JPEG_comes_first() => OwnProcess.RunAsync(async () =>
    {
        await TakeAsync(Jpegs);
        OpenCvLibrary.Load();
        await AllAsync();
    });

    // The effect of a wrong binding depends on the versions; this test checks that there is none.
    [Fact]
    public async Task No_other_library_is_bound_to_a_symbol_of_OpenCVs_library()
    {
        GstPlugin.Need("jpeg", "gstreamer1.0-plugins-good");
        GstPlugin.Need("png", "gstreamer1.0-plugins-good");
        GstPlugin.Need("videotestsrc", "gstreamer1.0-plugins-base");
        using var folder = new TemporaryFolder();
        var bindings = folder.File("bindings");

        await OwnProcess.RunAsync(
            async () =>
            {
                await TakeAsync(Plain);
                OpenCvLibrary.Load();
                await TakeAsync(Jpegs);
                await TakeAsync(Pngs);
            },
            new Dictionary<string, string> { ["LD_DEBUG"] = "bindings", ["LD_DEBUG_OUTPUT"] = bindings, ["LD_BIND_NOW"] = "1" });

        if (!OwnProcess.IsInside)
        {
            var lines = Directory.GetFiles(folder.Path, "bindings.*").SelectMany(File.ReadLines).ToList();
            Assert.Contains(lines, line => BoundTo().Match(line) is { Success: true } match && match.Groups[1].Value.Contains("libjpeg", StringComparison.Ordinal) && match.Groups[2].Value.Contains("libjpeg", StringComparison.Ordinal));
            Assert.Empty(lines.Select(line => BoundTo().Match(line)).Where(m => m.Groups[2].Value.EndsWith("/libOpenCvSharpExtern.so", StringComparison.Ordinal) && m.Groups[1].Value != m.Groups[2].Value)
                .Select(m => $"{m.Groups[1].Value}: {m.Groups[3].Value}").Distinct());
        }
    }

    private static async Task AllAsync()
    {
        using var folder = new TemporaryFolder();
        using (var red = new Image(Width, Height, 3))
        {
            for (var i = 0; i < red.Bytes.Length; i += 3)
                red.Bytes[i] = 255;
            await File.WriteAllBytesAsync(folder.File("0.jpg"), ImageCodec.Encode(red, ImageFormat.Jpeg));
            await File.WriteAllBytesAsync(folder.File("1.png"), ImageCodec.Encode(red, ImageFormat.Png));
        }

        await using var server = await RtspServer.StartedAsync(Width, Height, "red");
        using var parts = Open($"folder:{folder.Path}", loop: true);
        using var stream = Open(server.Url);
        using var jpegs = Open(Jpegs);
        using var pngs = Open(Pngs);
        for (var i = 0; i < 10; i++)
        {
            foreach (var source in new[] { parts, stream, jpegs, pngs })
                await AssertRedAsync(source);
        }
    }

    private static async Task TakeAsync(string address)
    {
        using var source = Open(address);
        await AssertRedAsync(source);
    }

    private static IFrameSource Open(string address, bool loop = false)
    {
        GstPlugin.Need("videotestsrc", "gstreamer1.0-plugins-base");
        GstPlugin.Need("jpeg", "gstreamer1.0-plugins-good");
        return FrameSources.Open(new CameraOptions { Source = address, Loop = loop }, () => ImageLimits.Default, TimeProvider.System, _ => { }, _ => { }, (_, _) => { });
    }

    private static async Task AssertRedAsync(IFrameSource source)
    {
        var frame = (await source.NextAsync(CancellationToken.None).AsTask().WaitAsync(Timeout))!;
        using var image = frame.Image;
        Assert.Equal((Width, Height, 3), (image.Width, image.Height, image.Channels));
        var middle = image.Bytes.Slice(3 * ((32 * Width) + 48), 3);
        Assert.True(middle[0] > 200 && middle[1] < 60 && middle[2] < 60, $"red, got {middle[0]},{middle[1]},{middle[2]}");
    }

    // "binding file A [0] to B [0]: normal symbol `jpeg_std_error' [LIBJPEG_6.2]"
    [GeneratedRegex(@"binding file (\S+) \[\d+\] to (\S+) \[\d+\]: \w+ symbol `([^']+)'")]
    private static partial Regex BoundTo();
}
