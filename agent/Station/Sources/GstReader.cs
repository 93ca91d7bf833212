using System.Runtime.InteropServices;
using MrfAd.Engine.Images;
using MrfAd.Station.Capture;
using MrfAd.Station.Options;
using static MrfAd.Station.Sources.GStreamer;

namespace MrfAd.Station.Sources;

/// <summary>
/// Reads frames from a GStreamer pipeline that plays into an appsink: streams, V4L2 cameras and pipelines of one's own. OpenCV is not used for them, because
/// its read never returns when a pipeline stalls, and it gives no reason when a pipeline cannot be built.
/// </summary>
public sealed unsafe class GstReader : ILiveReader
{
    private const ulong PollIntervalNanoseconds = 50_000_000;

    private readonly GstPipeline _description;
    private readonly nint _pipeline;
    private readonly nint _sink;
    private Image? _first;
    private bool _hasDelivered;
    private volatile bool _isInterrupted;

    /// <summary>Builds and starts a pipeline, and waits for its first frame where the description asks for that.</summary>
    /// <param name="cancellationToken">Cancels the opening.</param>
    /// <exception cref="CameraLostException">The pipeline cannot be built or started, or sends no first frame in time; the text says why, without user names and passwords.</exception>
    /// <exception cref="OperationCanceledException">The opening was cancelled.</exception>
    public GstReader(GstPipeline description, TimeProvider clock, CancellationToken cancellationToken)
    {
        Initialise();
        _description = description;
        GError* error = null;
        _pipeline = gst_parse_launch_full(description.Description, 0, FatalErrors, &error);
        var fault = Take(error);
        try
        {
            _sink = _pipeline == 0 || fault is not null ? 0 : gst_bin_get_by_name(_pipeline, GstPipeline.SinkName);
            if (_sink == 0)
                throw Lost($"GStreamer cannot build it: {(fault is null ? "its appsink must not have a name of its own" : GstErrors.Sentence(fault, ""))}");
            SetProperties();
            if (description.Server is not null)
                ExpectOneStream(_pipeline);
            var caps = gst_caps_from_string("video/x-raw,format={RGB,GRAY8,GRAY16_LE}");
            gst_app_sink_set_caps(_sink, caps);
            gst_mini_object_unref(caps);
            // With one buffer the pipeline makes a frame only when the one before has been taken: no frame is lost or waits.
            gst_app_sink_set_max_buffers(_sink, 1);
            if (gst_element_set_state(_pipeline, StatePlaying) == StateChangeFailure)
                throw Lost($"GStreamer cannot start it: {Error() ?? "it gives no reason"}");
            if (description.FirstFrameTimeout is { } timeout)
                _first = First(timeout, clock, cancellationToken);
        }
        catch (Exception)
        {
            Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public Image? Read()
    {
        if (_first is { } first)
        {
            _first = null;
            return first;
        }

        while (!_isInterrupted)
        {
            if (TryRead() is { } image)
                return image;
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
        _first?.Dispose();
        _ = gst_element_set_state(_pipeline, StateNull);
        if (_sink != 0)
            gst_object_unref(_sink);
        gst_object_unref(_pipeline);
    }

    private static CameraLostException Lost(string why) => new(Credentials.Masked(why));

    private void SetProperties()
    {
        if (_description.Properties.Count == 0)
            return;
        var source = gst_bin_get_by_name(_pipeline, GstPipeline.SourceName);
        foreach (var (name, text) in _description.Properties)
            SetText(source, name, text);
        gst_object_unref(source);
    }

    private Image First(TimeSpan timeout, TimeProvider clock, CancellationToken cancellationToken)
    {
        for (var start = clock.GetTimestamp(); clock.GetElapsedTime(start) < timeout;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (TryRead() is { } image)
                return image;
            if (gst_app_sink_is_eos(_sink) != 0)
                throw Lost("it ended without a frame");
        }

        throw Lost($"it has sent no frame within {timeout.TotalSeconds:0} s");
    }

    /// <returns>The next frame; null where none came within the poll interval.</returns>
    private Image? TryRead()
    {
        var sample = gst_app_sink_try_pull_sample(_sink, PollIntervalNanoseconds);
        if (sample == 0)
            return Error() is { } why ? throw Lost(why) : null;
        try
        {
            _hasDelivered = true;
            return ToImage(sample);
        }
        finally
        {
            gst_mini_object_unref(sample);
        }
    }

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

    /// <returns>The error that an element has reported; null where there is none.</returns>
    private string? Error()
    {
        var bus = gst_element_get_bus(_pipeline);
        var message = gst_bus_pop_filtered(bus, ErrorMessage);
        gst_object_unref(bus);
        if (message == 0)
            return null;
        var (text, detail) = TakeError(message);
        // The message does not say why a server could not be reached.
        return (!_hasDelivered && _description.Server is { } server ? ServerProbe.Fault(server) : null) ?? GstErrors.Sentence(text, detail);
    }
}
