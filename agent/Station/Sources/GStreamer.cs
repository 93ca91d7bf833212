using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MrfAd.Platform;
using MrfAd.Station.Capture;

namespace MrfAd.Station.Sources;

/// <summary>The functions of GStreamer 1.x that <see cref="GstReader"/> uses, as in its headers. Handles are GObjects or mini objects.</summary>
internal static unsafe partial class GStreamer
{
    private const string Install = "apt-get install libgstreamer1.0-0 libgstreamer-plugins-base1.0-0";

    public const int FatalErrors = 1; // GST_PARSE_FLAG_FATAL_ERRORS
    public const int StateNull = 1, StatePlaying = 4, StateChangeFailure = 0;
    public const int ErrorMessage = 2; // GST_MESSAGE_ERROR
    public const int MapRead = 1;

    private const string Core = "libgstreamer-1.0.so.0", App = "libgstapp-1.0.so.0", GObject = "libgobject-2.0.so.0", GLib = "libglib-2.0.so.0";

    private const nuint TextType = 16 << 2; // G_TYPE_STRING

    /// <summary>Loads and initialises GStreamer, which scans its plug-ins the first time.</summary>
    /// <exception cref="CameraLostException">GStreamer is not installed, or cannot be initialised.</exception>
    public static void Initialise()
    {
        try
        {
            NativeLibraries.Load("GStreamer", [Core, App, GObject, GLib], Install);
        }
        catch (NativeLibraryException e)
        {
            throw new CameraLostException(e.Message);
        }

        GError* error = null;
        if (gst_init_check(0, 0, &error) == 0)
            throw new CameraLostException($"GStreamer cannot be initialised: {Take(error) ?? "it gives no reason"}");
    }

    /// <summary>Sets a text property verbatim: no quote, number or escape in it is interpreted.</summary>
    public static void SetText(nint element, string property, string text)
    {
        Value value = default;
        g_value_init(&value, TextType);
        g_value_set_string(&value, text);
        g_object_set_property(element, property, &value);
        g_value_unset(&value);
    }

    /// <summary>
    /// Sets each multipartdemux that a pipeline's decodebin creates to expect a single stream. Otherwise it, and decodebin with it, would wait for another one
    /// as long as the camera sends.
    /// </summary>
    public static void ExpectOneStream(nint pipeline) => g_signal_connect_data(pipeline, "deep-element-added", &OnElementAdded, 0, 0, 0);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnElementAdded(nint pipeline, nint bin, nint element, nint data)
    {
        if (Marshal.PtrToStringUTF8(g_type_name_from_instance(element)) == "GstMultipartDemux")
            gst_util_set_object_arg(element, "single-stream", "true");
    }

    /// <summary>Frees an error.</summary>
    /// <returns>The text of the error; null where there is none.</returns>
    public static string? Take(GError* error)
    {
        if (error == null)
            return null;
        var text = Marshal.PtrToStringUTF8(error->Message);
        g_error_free(error);
        return text;
    }

    /// <summary>Frees the error message of an element.</summary>
    /// <returns>The text of the error, and its details for programmers.</returns>
    public static (string Text, string Detail) TakeError(nint message)
    {
        GError* error = null;
        byte* detail = null;
        gst_message_parse_error(message, &error, &detail);
        gst_mini_object_unref(message);
        var why = Marshal.PtrToStringUTF8((nint)detail) ?? "";
        g_free((nint)detail);
        return (Take(error) ?? "", why);
    }

    /// <summary>An error of GLib, which owns the message.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct GError
    {
        public uint Domain;
        public int Code;
        public nint Message;
    }

    /// <summary>The structure GValue: a typed value of a property.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Value
    {
        public nuint Type;
        private fixed long _content[2];
    }

    /// <summary>The structure GstMapInfo: the mapped memory of a buffer.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct MapInfo
    {
        public nint Memory;
        public int Flags;
        public byte* Data;
        public nuint Size, MaxSize;
        private fixed long _reserved[8];
    }

    [LibraryImport(Core)] private static partial int gst_init_check(nint count, nint arguments, GError** error);

    [LibraryImport(Core, StringMarshalling = StringMarshalling.Utf8)] public static partial nint gst_parse_launch_full(string pipeline, nint context, int flags, GError** error);

    [LibraryImport(Core, StringMarshalling = StringMarshalling.Utf8)] public static partial nint gst_bin_get_by_name(nint bin, string name);

    [LibraryImport(Core)] public static partial int gst_element_set_state(nint element, int state);

    [LibraryImport(Core)] public static partial nint gst_element_get_bus(nint element);

    [LibraryImport(Core)] public static partial nint gst_bus_pop_filtered(nint bus, int types);

    [LibraryImport(Core)] private static partial void gst_message_parse_error(nint message, GError** error, byte** debug);

    [LibraryImport(Core)] public static partial void gst_object_unref(nint element);

    [LibraryImport(Core)] public static partial void gst_mini_object_unref(nint miniObject);

    [LibraryImport(Core, StringMarshalling = StringMarshalling.Utf8)] public static partial nint gst_caps_from_string(string caps);

    [LibraryImport(Core)] public static partial nint gst_caps_get_structure(nint caps, uint index);

    [LibraryImport(Core, StringMarshalling = StringMarshalling.Utf8)] public static partial int gst_structure_get_int(nint structure, string field, int* value);

    [LibraryImport(Core, StringMarshalling = StringMarshalling.Utf8)] public static partial nint gst_structure_get_string(nint structure, string field);

    [LibraryImport(Core)] public static partial nint gst_sample_get_buffer(nint sample);

    [LibraryImport(Core)] public static partial nint gst_sample_get_caps(nint sample);

    [LibraryImport(Core)] public static partial int gst_buffer_map(nint buffer, MapInfo* info, int flags);

    [LibraryImport(Core)] public static partial void gst_buffer_unmap(nint buffer, MapInfo* info);

    [LibraryImport(App)] public static partial void gst_app_sink_set_caps(nint sink, nint caps);

    [LibraryImport(App)] public static partial void gst_app_sink_set_max_buffers(nint sink, uint max);

    [LibraryImport(App)] public static partial nint gst_app_sink_try_pull_sample(nint sink, ulong nanoseconds);

    [LibraryImport(App)] public static partial int gst_app_sink_is_eos(nint sink);

    [LibraryImport(Core, StringMarshalling = StringMarshalling.Utf8)] private static partial void gst_util_set_object_arg(nint element, string property, string value);

    [LibraryImport(GObject, StringMarshalling = StringMarshalling.Utf8)]
    private static partial ulong g_signal_connect_data(nint instance, string signal, delegate* unmanaged[Cdecl]<nint, nint, nint, nint, void> handler, nint data, nint destroy, int flags);

    [LibraryImport(GObject)] private static partial nint g_type_name_from_instance(nint instance);

    [LibraryImport(GObject)] private static partial void g_value_init(Value* value, nuint type);

    [LibraryImport(GObject, StringMarshalling = StringMarshalling.Utf8)] private static partial void g_value_set_string(Value* value, string text);

    [LibraryImport(GObject)] private static partial void g_value_unset(Value* value);

    [LibraryImport(GObject, StringMarshalling = StringMarshalling.Utf8)] private static partial void g_object_set_property(nint element, string property, Value* value);

    [LibraryImport(GLib)] private static partial void g_error_free(GError* error);

    [LibraryImport(GLib)] private static partial void g_free(nint memory);
}
