using System.Runtime.InteropServices;

namespace MrfAd.Station.Updates;

/// <summary>Work that must not hold up the line: a thread of its own, which the system serves when nothing else wants the processor.</summary>
public static partial class Background
{
    private const int Process = 0; // PRIO_PROCESS; of a thread's id on Linux

    // 15 of 19: a fortieth of the share of a thread at 0, and still not starved by others at 19.
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
