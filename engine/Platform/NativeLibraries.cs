using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace MrfAd.Platform;

/// <summary>Loads native libraries and says in one sentence why one cannot be loaded.</summary>
public static partial class NativeLibraries
{
    /// <summary>Loads the libraries one after the other; a library that is already loaded is not loaded again.</summary>
    /// <param name="product">The name that stands at the sentence's beginning: "GStreamer".</param>
    /// <param name="libraries">Paths, or names that the dynamic loader finds: "libgstreamer-1.0.so.0".</param>
    /// <param name="install">The command that installs all of them.</param>
    /// <exception cref="NativeLibraryException">At least one cannot be loaded; the text names each that is missing.</exception>
    public static void Load(string product, IEnumerable<string> libraries, string install)
    {
        var causes = new List<string>();
        foreach (var library in libraries)
        {
            try
            {
                NativeLibrary.Load(library);
            }
            catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
            {
                causes.Add(e.Message);
            }
        }

        if (causes.Count > 0)
            throw new NativeLibraryException(Sentence(product, causes, install));
    }

    /// <param name="causes">The messages of the dynamic loader, one for each library.</param>
    public static string Sentence(string product, IReadOnlyList<string> causes, string install)
    {
        var missing = causes.SelectMany(cause => Absent().Matches(cause)).Select(match => match.Groups[1].Value).Distinct().ToList();
        return missing.Count > 0
            ? $"{product} cannot be loaded: {string.Join(", ", missing)} {(missing.Count == 1 ? "is" : "are")} missing ({install})"
            // Any other cause, such as a symbol that an older version of a library lacks, stands in the last line.
            : $"{product} cannot be loaded: {causes[0].Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)[^1]} ({install})";
    }

    // The loader of glibc: "libgtk-3.so.0: cannot open shared object file: No such file or directory". .NET tries other spellings of a
    // name as well, each with such a line, and a file beside the program: a path is one of these.
    [GeneratedRegex(@"(?<![\w./+-])([\w.+-]+\.so(?:\.\d+)*): cannot open shared object file")]
    private static partial Regex Absent();
}
