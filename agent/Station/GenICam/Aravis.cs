using System.Runtime.InteropServices;
using MrfAd.Platform;
using MrfAd.Station.Capture;

namespace MrfAd.Station.GenICam;

/// <summary>The functions of libaravis 0.8 that <see cref="GenICamCamera"/> uses, as in its headers. Handles are GObjects.</summary>
internal static unsafe partial class Aravis
{
    private const string Install = "apt-get install libaravis-0.8-0";

    private const string Library = "libaravis-0.8.so.0";
    private const string GObject = "libgobject-2.0.so.0";
    private const string GLib = "libglib-2.0.so.0";

    /// <exception cref="CameraLostException">Aravis, or a library that it needs, is missing.</exception>
    public static void Load()
    {
        try
        {
            NativeLibraries.Load("Aravis", [Library, GObject, GLib], Install);
        }
        catch (NativeLibraryException e)
        {
            throw new CameraLostException(e.Message);
        }
    }

    /// <summary>Turns a GError into an exception.</summary>
    /// <param name="doing">The action that failed, such as "set the exposure".</param>
    public static void Check(GError* error, string doing)
    {
        if (error == null)
            return;
        var why = Marshal.PtrToStringUTF8(error->Message) ?? "no reason given";
        g_error_free(error);
        throw new CameraLostException($"cannot {doing}: {why}");
    }

    public static string Text(nint utf8) => Marshal.PtrToStringUTF8(utf8) ?? "";

    /// <summary>An error of GLib, which owns the message.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct GError
    {
        public uint Domain;
        public int Code;
        public nint Message;
    }

    [LibraryImport(Library)] public static partial void arv_update_device_list();

    [LibraryImport(Library)] public static partial uint arv_get_n_devices();

    [LibraryImport(Library)] public static partial nint arv_get_device_id(uint index);

    [LibraryImport(Library)] public static partial nint arv_get_device_protocol(uint index);

    [LibraryImport(Library)] public static partial nint arv_get_device_vendor(uint index);

    [LibraryImport(Library)] public static partial nint arv_get_device_model(uint index);

    [LibraryImport(Library)] public static partial nint arv_get_device_serial_nbr(uint index);

    [LibraryImport(Library)] public static partial nint arv_get_device_address(uint index);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] public static partial nint arv_camera_new(string id, GError** error);

    [LibraryImport(Library)] public static partial nint arv_camera_get_device(nint camera);

    [LibraryImport(Library)] public static partial nint arv_camera_create_stream(nint camera, nint callback, nint data, GError** error);

    [LibraryImport(Library)] public static partial uint arv_camera_get_payload(nint camera, GError** error);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] public static partial void arv_camera_set_pixel_format_from_string(nint camera, string format, GError** error);

    [LibraryImport(Library)] public static partial void arv_camera_set_region(nint camera, int x, int y, int width, int height, GError** error);

    [LibraryImport(Library)] public static partial void arv_camera_set_exposure_time(nint camera, double microseconds, GError** error);

    [LibraryImport(Library)] public static partial void arv_camera_set_frame_rate(nint camera, double framesPerSecond, GError** error);

    [LibraryImport(Library)] public static partial void arv_camera_set_gain(nint camera, double gain, GError** error);

    [LibraryImport(Library)] public static partial void arv_camera_gv_set_packet_size(nint camera, int bytes, GError** error);

    [LibraryImport(Library)] public static partial uint arv_camera_gv_auto_packet_size(nint camera, GError** error);

    [LibraryImport(Library)] public static partial int arv_camera_is_gv_device(nint camera);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] public static partial void arv_camera_set_trigger(nint camera, string source, GError** error);

    [LibraryImport(Library)] public static partial void arv_camera_clear_triggers(nint camera, GError** error);

    [LibraryImport(Library)] public static partial void arv_camera_software_trigger(nint camera, GError** error);

    [LibraryImport(Library)] public static partial void arv_camera_set_acquisition_mode(nint camera, int mode, GError** error);

    [LibraryImport(Library)] public static partial void arv_camera_start_acquisition(nint camera, GError** error);

    [LibraryImport(Library)] public static partial void arv_camera_stop_acquisition(nint camera, GError** error);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] public static partial void arv_device_set_string_feature_value(nint device, string feature, string value, GError** error);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] public static partial int arv_device_set_features_from_string(nint device, string features, GError** error);

    [LibraryImport(Library)] public static partial nint arv_buffer_new_allocate(nuint bytes);

    [LibraryImport(Library)] public static partial void arv_stream_push_buffer(nint stream, nint buffer);

    [LibraryImport(Library)] public static partial nint arv_stream_timeout_pop_buffer(nint stream, ulong microseconds);

    [LibraryImport(Library)] public static partial nint arv_stream_try_pop_buffer(nint stream);

    [LibraryImport(Library)] public static partial void arv_stream_get_statistics(nint stream, ulong* completed, ulong* failures, ulong* underruns);

    [LibraryImport(Library)] public static partial int arv_buffer_get_status(nint buffer);

    [LibraryImport(Library)] public static partial ulong arv_buffer_get_frame_id(nint buffer);

    [LibraryImport(Library)] public static partial byte* arv_buffer_get_image_data(nint buffer, nuint* bytes);

    [LibraryImport(Library)] public static partial uint arv_buffer_get_image_pixel_format(nint buffer);

    [LibraryImport(Library)] public static partial int arv_buffer_get_image_width(nint buffer);

    [LibraryImport(Library)] public static partial int arv_buffer_get_image_height(nint buffer);

    [LibraryImport(GObject)] public static partial void g_object_unref(nint gobject);

    [LibraryImport(GObject, StringMarshalling = StringMarshalling.Utf8)]
    public static partial ulong g_signal_connect_data(nint instance, string signal, delegate* unmanaged<nint, nint, void> handler, nint data, nint destroy, int flags);

    [LibraryImport(GObject)] public static partial void g_signal_handler_disconnect(nint instance, ulong handler);

    [LibraryImport(GLib)] private static partial void g_error_free(GError* error);
}
