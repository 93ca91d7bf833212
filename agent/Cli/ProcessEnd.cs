using System.Runtime.InteropServices;

namespace MrfAd.Cli;

/// <summary>The end of this process.</summary>
internal static partial class ProcessEnd
{
    /// <summary>
    /// Ends the process at once. An ordinary exit runs the destructors of native libraries while a thread may still be loading a model with them, and ends with
    /// a segmentation fault then; nothing of ours waits for an exit.
    /// </summary>
    public static void Now(int exitCode)
    {
        Console.Out.Flush();
        Console.Error.Flush();
        if (OperatingSystem.IsLinux())
            ExitAtOnce(exitCode);
    }

    [LibraryImport("libc", EntryPoint = "_exit")]
    private static partial void ExitAtOnce(int status);
}
