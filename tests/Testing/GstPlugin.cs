namespace MrfAd.Testing;

/// <summary>The plug-ins of GStreamer that tests need.</summary>
public static class GstPlugin
{
    /// <summary>Skips the test where one is not installed.</summary>
    /// <param name="name">"videotestsrc", of libgstvideotestsrc.so.</param>
    /// <param name="package">The Debian package that brings it.</param>
    public static void Need(string name, string package) => Requires.Package(
        Directory.GetDirectories("/usr/lib", "*-linux-gnu").Any(d => File.Exists(Path.Combine(d, "gstreamer-1.0", $"libgst{name}.so"))),
        $"GStreamer's {name}", package);
}
