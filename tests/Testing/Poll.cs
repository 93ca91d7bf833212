using System.Diagnostics;

namespace MrfAd.Testing;

/// <summary>Waits for what nothing announces. A wait without an end would hold up all tests where the code is broken.</summary>
public static class Poll
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    /// <summary>Asks until nothing is missing any more.</summary>
    /// <param name="missing">Returns what is still missing, for the error, or null.</param>
    /// <exception cref="TimeoutException">Something was missing for longer than <see cref="TestTimeout.Value"/>.</exception>
    public static async Task UntilAsync(Func<Task<string?>> missing)
    {
        var watch = Stopwatch.StartNew();
        while (await missing() is { } what)
        {
            if (watch.Elapsed > TestTimeout.Value)
                throw new TimeoutException(FormattableString.Invariant($"waited {watch.Elapsed.TotalSeconds:0} s for {what}"));
            await Task.Delay(Interval);
        }
    }

    /// <summary>Asks until the answer is yes.</summary>
    /// <param name="what">The thing that is waited for, for the error.</param>
    /// <exception cref="TimeoutException">It was not so for longer than <see cref="TestTimeout.Value"/>.</exception>
    public static Task UntilAsync(Func<Task<bool>> isSo, string what) => UntilAsync(async () => await isSo() ? null : what);

    /// <inheritdoc cref="UntilAsync(Func{Task{bool}}, string)"/>
    public static Task UntilAsync(Func<bool> isSo, string what) => UntilAsync(() => Task.FromResult(isSo() ? null : what));
}
