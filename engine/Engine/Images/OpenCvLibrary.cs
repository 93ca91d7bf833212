using System.Runtime.InteropServices;
using MrfAd.Platform;
using OpenCvSharp;

namespace MrfAd.Engine.Images;

/// <summary>
/// Loads OpenCV's native library, libOpenCvSharpExtern.so, always after the libraries that it needs. It exports the symbols of its own copies of
/// libjpeg, libpng, FreeType, zstd and LZ4. A library that is loaded together with it, because it needs it, is bound to these copies: to parts of another
/// version than its own. libjpeg.so.62 is such a library, through GTK, and GStreamer decoding a JPEG image then ends the process. A library that is there
/// already is bound to its own parts and stays so.
/// </summary>
public static class OpenCvLibrary
{
    private const string FileName = "libOpenCvSharpExtern.so";

    // GTK 3 depends on all others: FreeType, HarfBuzz, Pango, Cairo, GLib, X11. Later releases provide the package's name by another package.
    private const string Install = "apt-get install libgtk-3-0 libdrm2 libatomic1; on Debian 13 and Ubuntu 24.04 libgtk-3-0t64";

    private static readonly Lock Loading = new();
    private static volatile bool _isLoaded;

    /// <summary>Loads the library once. Everything in this assembly that uses OpenCV calls this first.</summary>
    /// <exception cref="NativeLibraryException">The library, or one that it needs, is missing.</exception>
    public static void Load()
    {
        if (_isLoaded)
            return;
        lock (Loading)
        {
            if (_isLoaded)
                return;
            var path = Find();
            NativeLibraries.Load("OpenCV", SharedObject.Needed(path), Install);
            NativeLibraries.Load("OpenCV", [path], Install);
            // Otherwise its decoders would write messages about damaged images to standard error, in addition to the error that is reported.
            Cv2.SetLogLevel(LogLevel.SILENT);
            _isLoaded = true;
        }
    }

    private static string Find()
    {
        // The folders in which the runtime looks for the native libraries of packages.
        var folders = (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return folders.Append(AppContext.BaseDirectory).Select(folder => Path.Combine(folder, FileName)).FirstOrDefault(File.Exists)
            ?? throw new NativeLibraryException($"OpenCV cannot be loaded: {FileName} for {RuntimeInformation.RuntimeIdentifier} is not in {AppContext.BaseDirectory}; OpenCvSharp4's runtime package for this processor has it");
    }
}
