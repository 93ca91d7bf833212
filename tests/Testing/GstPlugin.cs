namespace MrfAd.Testing;

/// <summary>Checks for the plug-ins of GStreamer that tests need.</summary>
public static class GstPlugin
{
    /// <summary>Skips the test where a plug-in is not installed.</summary>
    /// <param name="name">The name of the plug-in, such as "videotestsrc" of libgstvideotestsrc.so.</param>
    /// <param name="package">The Debian package that contains it.</param>
    public static void Need(string name, string package) => Requires.Package(
        Directory.GetDirectories("/usr/lib", "*-linux-gnu").Any(d => File.Exists(Path.Combine(d, "gstreamer-1.0", $"libgst{name}.so"))),
        $"GStreamer's {name}", package);
}
