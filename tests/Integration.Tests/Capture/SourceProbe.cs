using System.Threading.Channels;
using MrfAd.Engine.Images;
using MrfAd.Station.Capture;
using MrfAd.Station.Options;
using MrfAd.Station.Sources;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Capture;

/// <summary>Opens frame sources, and collects the problems that they report.</summary>
internal sealed class SourceProbe
{
    public static TimeSpan Timeout => TestTimeout.Value;

    private readonly Channel<string?> _problems = Channel.CreateUnbounded<string?>();

    /// <summary>True if a report waits that was not taken yet.</summary>
    public bool HasProblem => _problems.Reader.TryPeek(out _);

    public IFrameSource Open(CameraOptions options)
    {
        if (options.Source.StartsWith("rtsp", StringComparison.Ordinal))
            GstPlugin.Need("rtsp", "gstreamer1.0-plugins-good");
        if (options.Source.StartsWith("http", StringComparison.Ordinal))
            GstPlugin.Need("soup", "gstreamer1.0-plugins-good");
        if (options.Source.StartsWith("gst:", StringComparison.Ordinal))
            GstPlugin.Need("videotestsrc", "gstreamer1.0-plugins-base");
        return FrameSources.Open(options, () => ImageLimits.Default, TimeProvider.System, why => _problems.Writer.TryWrite(why), _ => { }, (_, _) => { });
    }

    /// <summary>Waits for the next problem; null is the end of a problem.</summary>
    public async Task<string?> NextProblemAsync() => await _problems.Reader.ReadAsync().AsTask().WaitAsync(Timeout);

    /// <summary>Waits for a problem with that text; null waits for the end of a problem.</summary>
    public async Task ProblemAsync(string? text)
    {
        string? problem;
        do
            problem = await NextProblemAsync();
        while (text is null ? problem is not null : problem?.Contains(text, StringComparison.Ordinal) != true);
    }

    /// <summary>Asserts that the next frame is red, 96x64.</summary>
    public static async Task AssertRedAsync(IFrameSource source)
    {
        var frame = (await source.NextAsync(CancellationToken.None).AsTask().WaitAsync(Timeout))!;
        using var image = frame.Image;
        Assert.Equal((96, 64, 3), (image.Width, image.Height, image.Channels));
        var middle = image.Bytes.Slice(3 * ((32 * 96) + 48), 3);
        Assert.True(middle[0] > 200 && middle[1] < 60 && middle[2] < 60, $"red, got {middle[0]},{middle[1]},{middle[2]}");
    }
}
