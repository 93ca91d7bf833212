using System.Runtime.InteropServices;

namespace MrfAd.Agent.Capture;

/// <summary>Looks at a GStreamer pipeline before OpenCV starts it: one that names an element that is not there would start, and never deliver.</summary>
internal static unsafe partial class GstPipeline
{
    private const string Library = "libgstreamer-1.0.so.0";
    private const int FatalErrors = 1; // GST_PARSE_FLAG_FATAL_ERRORS

    /// <returns>The pipeline with the end that OpenCV takes frames from, where it has none.</returns>
    public static string Complete(string pipeline) =>
        pipeline.Contains("appsink", StringComparison.Ordinal) ? pipeline : $"{pipeline} ! videoconvert ! video/x-raw,format=BGR ! appsink";

    /// <exception cref="CameraLostException">It cannot be built, and why.</exception>
    public static void Check(string pipeline)
    {
        try
        {
            gst_init(0, 0);
            GError* error = null;
            var element = gst_parse_launch_full(pipeline, 0, FatalErrors, &error);
            if (element != 0)
                gst_object_unref(element);
            if (error == null)
                return;
            var why = Marshal.PtrToStringUTF8(error->Message);
            g_error_free(error);
            throw new CameraLostException($"GStreamer cannot build it: {why}");
        }
        catch (DllNotFoundException)
        {
            // This OpenCV has no GStreamer, and says so itself.
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct GError
    {
        public uint Domain;
        public int Code;
        public nint Message;
    }

    [LibraryImport(Library)]
    private static partial void gst_init(nint count, nint arguments);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint gst_parse_launch_full(string pipeline, nint context, int flags, GError** error);

    [LibraryImport(Library)]
    private static partial void gst_object_unref(nint element);

    [LibraryImport("libglib-2.0.so.0")]
    private static partial void g_error_free(GError* error);
}
