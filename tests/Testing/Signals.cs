using System.Diagnostics;
using System.Globalization;

namespace MrfAd.Testing;

/// <summary>Sends signals to processes that a test has started.</summary>
public static class Signals
{
    /// <param name="signal">The name of the signal, such as "TERM" or "STOP".</param>
    public static async Task SendAsync(Process process, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }
}
