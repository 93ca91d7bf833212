using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using MrfAd.Engine.Images;
using static MrfAd.Agent.Capture.GStreamer;

namespace MrfAd.Agent.Capture;

/// <summary>
/// A GStreamer pipeline that plays into an appsink. Not through OpenCV: its read never returns where a pipeline stalls, and a pipeline that cannot be
/// built says nothing there.
/// </summary>
public sealed unsafe partial class GstReader : ILiveReader
{
    private const string SinkName = "mrfad";
    private const ulong GlanceNanoseconds = 50_000_000;

    private readonly nint _pipeline;
    private readonly nint _sink;
    private volatile bool _isInterrupted;

    /// <param name="description">As for gst-launch; without an appsink it gets one at its end.</param>
    /// <exception cref="CameraLostException">It cannot be built or started, and why.</exception>
    public GstReader(string description)
    {
        try
        {
            gst_init(0, 0);
        }
        catch (DllNotFoundException)
        {
            throw new CameraLostException(Missing);
        }

        GError* error = null;
        _pipeline = gst_parse_launch_full(Complete(description), 0, FatalErrors, &error);
        var fault = Take(error);
        _sink = _pipeline == 0 || fault is not null ? 0 : gst_bin_get_by_name(_pipeline, SinkName);
        if (_sink == 0)
        {
            Dispose();
            throw new CameraLostException($"GStreamer cannot build it: {fault ?? "its appsink must not have a name of its own"}");
        }

        var caps = gst_caps_from_string("video/x-raw,format={RGB,GRAY8,GRAY16_LE}");
        gst_app_sink_set_caps(_sink, caps);
        gst_mini_object_unref(caps);
        // Each frame is taken before the next is made: none is lost in between, and none waits.
        gst_app_sink_set_max_buffers(_sink, 1);
        if (gst_element_set_state(_pipeline, StatePlaying) != StateChangeFailure)
            return;
        var why = Error() ?? "it gives no reason";
        Dispose();
        throw new CameraLostException($"GStreamer cannot start it: {why}");
    }

    /// <inheritdoc/>
    public Image? Read()
    {
        while (!_isInterrupted)
        {
            var sample = gst_app_sink_try_pull_sample(_sink, GlanceNanoseconds);
            if (sample != 0)
            {
                try
                {
                    return ToImage(sample);
                }
                finally
                {
                    gst_mini_object_unref(sample);
                }
            }

            if (Error() is { } why)
                throw new CameraLostException(why);
            if (gst_app_sink_is_eos(_sink) != 0)
                return null;
        }

        return null;
    }

    public void Interrupt() => _isInterrupted = true;

    public void Dispose()
    {
        if (_pipeline == 0)
            return;
        _ = gst_element_set_state(_pipeline, StateNull);
        if (_sink != 0)
            gst_object_unref(_sink);
        gst_object_unref(_pipeline);
    }

    /// <summary>Names the appsink, so that it is found; what comes to it is converted to what we take.</summary>
    private static string Complete(string pipeline) =>
        AppSink().IsMatch(pipeline) ? AppSink().Replace(pipeline, $"videoconvert ! appsink name={SinkName}", 1) : $"{pipeline} ! videoconvert ! appsink name={SinkName}";

    private static Image ToImage(nint sample)
    {
        var format = gst_caps_get_structure(gst_sample_get_caps(sample), 0);
        int width, height;
        gst_structure_get_int(format, "width", &width);
        gst_structure_get_int(format, "height", &height);
        var (channels, depth) = Marshal.PtrToStringUTF8(gst_structure_get_string(format, "format")) switch
        {
            "RGB" => (3, PixelDepth.Eight),
            "GRAY8" => (1, PixelDepth.Eight),
            _ => (1, PixelDepth.Sixteen),
        };
        var buffer = gst_sample_get_buffer(sample);
        MapInfo map;
        if (gst_buffer_map(buffer, &map, MapRead) == 0)
            throw new CameraLostException("a frame of the pipeline cannot be read");
        try
        {
            // GStreamer pads each row to a multiple of four bytes.
            var (image, row, stride) = (new Image(width, height, channels, depth), width * channels * (int)depth, (int)map.Size / height);
            for (var y = 0; y < height; y++)
                new ReadOnlySpan<byte>(map.Data + (y * stride), row).CopyTo(image.Bytes[(y * row)..]);
            return image;
        }
        finally
        {
            gst_buffer_unmap(buffer, &map);
        }
    }

    /// <returns>What an element has complained of; null: nothing.</returns>
    private string? Error()
    {
        var bus = gst_element_get_bus(_pipeline);
        var message = gst_bus_pop_filtered(bus, ErrorMessage);
        gst_object_unref(bus);
        if (message == 0)
            return null;
        GError* error = null;
        gst_message_parse_error(message, &error, 0);
        gst_mini_object_unref(message);
        return Take(error);
    }

    [GeneratedRegex(@"\bappsink\b")]
    private static partial Regex AppSink();
}
