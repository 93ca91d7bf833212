using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using MrfAd.Engine.Images;
using MrfAd.Station.Capture;
using MrfAd.Station.Options;
using static MrfAd.Station.GenICam.Aravis;

namespace MrfAd.Station.GenICam;

/// <summary>An opened camera that acquires images into buffers of ours. It is used by one thread.</summary>
public sealed unsafe class GenICamCamera : IDisposable
{
    // Buffers for frames that arrive while one is copied out: a burst of a fast line.
    private const int Buffers = 8;

    private const int Continuous = 0; // ARV_ACQUISITION_MODE_CONTINUOUS
    private const int Success = 0, Cleared = 1; // ARV_BUFFER_STATUS_SUCCESS, _CLEARED

    private readonly nint _camera;
    private readonly ulong _lostHandler;
    private GCHandle _self;
    private nint _stream;
    private int _isLost;
    private readonly TimeProvider _clock;
    private readonly FrameIds _ids = new();

    /// <summary>Opens and configures a camera and starts its acquisition.</summary>
    /// <param name="trigger">The trigger: for Line the camera's own input line, for FreeRun none, for all others a software trigger.</param>
    /// <exception cref="CameraLostException">The camera does not answer, is used by another program, or refuses a setting.</exception>
    public GenICamCamera(GenICamDevice device, CameraProfile profile, TriggerMode trigger, TimeProvider clock)
    {
        _clock = clock;
        GError* error = null;
        _camera = arv_camera_new(device.Id, &error);
        Check(error, $"open {device}");
        if (_camera == 0)
            throw new CameraLostException($"cannot open {device}");
        _self = GCHandle.Alloc(this, GCHandleType.Weak);
        _lostHandler = g_signal_connect_data(arv_camera_get_device(_camera), "control-lost", &OnControlLost, GCHandle.ToIntPtr(_self), 0, 0);
        try
        {
            Configure(profile, trigger);
            Start();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    private bool IsLost => Volatile.Read(ref _isLost) != 0;

    /// <summary>The number of frames since the opening that the stream began and could not complete.</summary>
    public long Failures
    {
        get
        {
            ulong completed, failures, underruns;
            arv_stream_get_statistics(_stream, &completed, &failures, &underruns);
            return (long)(failures + underruns);
        }
    }

    /// <summary>The time that it took to copy the pixels of the last frame out of the driver's memory.</summary>
    public TimeSpan Decode { get; private set; }

    /// <summary>Sends a software trigger.</summary>
    /// <exception cref="CameraLostException">The camera does not answer.</exception>
    public void Trigger() => Do("send the trigger", (camera, error) => arv_camera_software_trigger(camera, error));

    /// <summary>Discards the next frame that has arrived.</summary>
    /// <param name="missed">The number of frames that the camera has counted since the one before and that did not arrive.</param>
    /// <returns>False where there was none.</returns>
    public bool Discard(out long missed)
    {
        missed = 0;
        var buffer = arv_stream_try_pop_buffer(_stream);
        if (buffer == 0)
            return false;
        if (arv_buffer_get_status(buffer) != Cleared)
            missed = _ids.Next(arv_buffer_get_frame_id(buffer));
        arv_stream_push_buffer(_stream, buffer);
        return true;
    }

    /// <summary>Waits for a frame. Its pixels are copied once, out of the driver's buffer.</summary>
    /// <param name="missed">The number of frames that the camera has counted since the one before and that did not arrive.</param>
    /// <returns>The image; null where none came within the timeout.</returns>
    /// <exception cref="NoFrameException">The frame is incomplete.</exception>
    /// <exception cref="ImageFormatException">The pixel format is unknown.</exception>
    public Image? Take(TimeSpan timeout, out long missed)
    {
        missed = 0;
        var start = _clock.GetTimestamp();
        for (var left = timeout; left >= TimeSpan.Zero; left = timeout - _clock.GetElapsedTime(start))
        {
            var buffer = arv_stream_timeout_pop_buffer(_stream, (ulong)left.TotalMicroseconds);
            if (buffer == 0)
                break;
            try
            {
                // The driver gives a buffer back without a frame now and then: on a busy machine, or when the camera was killed.
                if (arv_buffer_get_status(buffer) != Cleared)
                    return Read(buffer, out missed);
            }
            finally
            {
                arv_stream_push_buffer(_stream, buffer);
            }
        }

        return null;
    }

    private Image Read(nint buffer, out long missed)
    {
        var status = arv_buffer_get_status(buffer);
        missed = _ids.Next(arv_buffer_get_frame_id(buffer));
        if (status != Success)
            throw new NoFrameException(NoFrameCause.Torn, $"frame {_ids.Last} is torn: {Fault(status)}");
        nuint bytes;
        var pixels = arv_buffer_get_image_data(buffer, &bytes);
        var start = _clock.GetTimestamp();
        var image = SensorPixels.Read(
            arv_buffer_get_image_pixel_format(buffer), new ReadOnlySpan<byte>(pixels, (int)bytes), arv_buffer_get_image_width(buffer), arv_buffer_get_image_height(buffer));
        Decode = _clock.GetElapsedTime(start);
        return image;
    }

    /// <summary>Restarts the acquisition, after which no frame of an earlier trigger can come.</summary>
    public void Restart()
    {
        Do("stop", (camera, error) => arv_camera_stop_acquisition(camera, error));
        while (Discard(out _))
        {
        }

        _ids.Restart();
        Do("start", (camera, error) => arv_camera_start_acquisition(camera, error));
    }

    public void Dispose()
    {
        if (!_self.IsAllocated)
            return;
        g_signal_handler_disconnect(arv_camera_get_device(_camera), _lostHandler);
        if (_stream != 0)
        {
            // Stopping a lost camera would wait for its answer.
            if (!IsLost)
            {
                GError* ignored = null;
                arv_camera_stop_acquisition(_camera, &ignored);
            }

            g_object_unref(_stream);
        }

        g_object_unref(_camera);
        _self.Free();
    }

    private void Configure(CameraProfile profile, TriggerMode trigger)
    {
        foreach (var (name, value) in profile.Features)
            Set(name, value);
        if (profile.PixelFormat is { } format)
            Do($"set the pixel format {format}", (camera, error) => arv_camera_set_pixel_format_from_string(camera, format, error));
        if (profile.Region is { } region)
            Do($"set the region {region}", (camera, error) => arv_camera_set_region(camera, region.X, region.Y, region.Width, region.Height, error));
        if (profile.ExposureUs is { } exposure)
            Do("set the exposure", (camera, error) => arv_camera_set_exposure_time(camera, exposure, error));
        if (profile.Gain is { } gain)
            Do("set the gain", (camera, error) => arv_camera_set_gain(camera, gain, error));
        if (profile.FrameRate is { } rate)
            Do("set the frame rate", (camera, error) => arv_camera_set_frame_rate(camera, rate, error));
        if (profile.PacketSize is { } bytes && arv_camera_is_gv_device(_camera) != 0)
        {
            Do($"set packets of {bytes} bytes", (camera, error) =>
            {
                if (bytes > 0)
                    arv_camera_gv_set_packet_size(camera, bytes, error);
                else
                    _ = arv_camera_gv_auto_packet_size(camera, error);
            });
        }

        Do("acquire without end", (camera, error) => arv_camera_set_acquisition_mode(camera, Continuous, error));
        if (trigger == TriggerMode.FreeRun)
            Do("turn its triggers off", (camera, error) => arv_camera_clear_triggers(camera, error));
        else
            Do("set its trigger", (camera, error) => arv_camera_set_trigger(camera, trigger == TriggerMode.Line ? profile.TriggerLine : "Software", error));
    }

    private void Set(string feature, JsonElement value)
    {
        var device = arv_camera_get_device(_camera);
        Do($"set {feature} to {value}", (_, error) =>
        {
            if (value.ValueKind == JsonValueKind.String)
                arv_device_set_string_feature_value(device, feature, value.GetString()!, error);
            else
                arv_device_set_features_from_string(device, string.Create(CultureInfo.InvariantCulture, $"{feature}={value.GetRawText()}"), error);
        });
    }

    private void Start()
    {
        GError* error = null;
        _stream = arv_camera_create_stream(_camera, 0, 0, &error);
        Check(error, "open the stream");
        var payload = arv_camera_get_payload(_camera, &error);
        Check(error, "read the size of a frame");
        for (var i = 0; i < Buffers; i++)
            arv_stream_push_buffer(_stream, arv_buffer_new_allocate(payload));
        Do("start", (camera, e) => arv_camera_start_acquisition(camera, e));
    }

    /// <exception cref="CameraLostException">The camera has not answered for so long that control of it is lost.</exception>
    public void ThrowIfLost()
    {
        if (IsLost)
            throw new CameraLostException("it no longer answers");
    }

    private void Do(string what, Action act)
    {
        GError* error = null;
        act(_camera, &error);
        Check(error, what);
    }

    private delegate void Action(nint camera, GError** error);

    private static string Fault(int status) => status switch
    {
        2 => "it was not complete in time",
        3 => "packets are missing",
        4 => "packets came in a wrong order",
        5 => "it is larger than announced",
        7 => "the acquisition was stopped",
        _ => $"status {status}",
    };

    [UnmanagedCallersOnly]
    private static void OnControlLost(nint device, nint self)
    {
        if (GCHandle.FromIntPtr(self).Target is GenICamCamera camera)
            Volatile.Write(ref camera._isLost, 1);
    }
}
