using System.Runtime.InteropServices;

namespace MrfAd.Station.Updates;

/// <summary>Runs work that must not delay the line, on a thread of its own with a low priority.</summary>
public static partial class Background
{
    private const int Process = 0; // PRIO_PROCESS, which on Linux means a thread

    // 15 of 19: a fortieth of the processor share of a thread at 0, yet not starved by others at 19.
    private const int Niceness = 15;

    public static Task<T> Run<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            if (OperatingSystem.IsLinux())
                _ = setpriority(Process, 0, Niceness);
            try
            {
                done.SetResult(work());
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        })
        { IsBackground = true, Name = "bank update" }.Start();
        return done.Task;
    }

    [LibraryImport("libc")]
    private static partial int setpriority(int which, uint who, int niceness);
}
