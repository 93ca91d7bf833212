using System.Diagnostics;
using System.Text;

namespace MrfAd.Testing;

/// <summary>Runs the real <c>mrfad</c> as a separate process.</summary>
public sealed class AgentProcess : IAsyncDisposable
{
    private static TimeSpan WaitTimeout => TestTimeout.Value;
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(5);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();
    private readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private AgentProcess(string[] arguments, IReadOnlyDictionary<string, string> environment, string[] within)
    {
        // A shell's background job ignores the interrupt, and so would everything below it.
        string[] command = ["env", "--default-signal=INT,QUIT", .. within, Path.Combine(AppContext.BaseDirectory, "mrfad"), .. arguments];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.Exited += (_, _) => _listening.TrySetException(new InvalidOperationException($"mrfad ended: {Log}"));
        _process.OutputDataReceived += (_, line) =>
        {
            Keep(_output, line.Data);
            if (line.Data?.StartsWith("listening on ", StringComparison.Ordinal) == true)
                _listening.TrySetResult(new Uri(line.Data["listening on ".Length..]));
        };
        _process.ErrorDataReceived += (_, line) => Keep(_errors, line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <param name="within">A command that replaces itself by the program, and its arguments; null starts the program directly.</param>
    public static AgentProcess Start(string[] arguments, IReadOnlyDictionary<string, string>? environment = null, string[]? within = null) =>
        new(arguments, environment ?? new Dictionary<string, string>(), within ?? []);

    /// <summary>Runs a command to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        await using var agent = Start(arguments);
        return (await agent.ExitAsync(), agent.Output, agent.Log);
    }

    /// <summary>The standard output so far.</summary>
    public string Output => Read(_output);

    /// <summary>The standard error so far, which is the log.</summary>
    public string Log => Read(_errors);

    /// <returns>The address at which <c>run</c> serves HTTP, as soon as it does.</returns>
    public Task<Uri> ListeningAsync() => _listening.Task.WaitAsync(WaitTimeout);

    /// <summary>Sends a signal.</summary>
    /// <param name="name">The name of the signal: "TERM", "INT" or "KILL".</param>
    public Task SignalAsync(string name) => Signals.SendAsync(_process, name);

    /// <summary>True once the process has ended, for whatever reason.</summary>
    public bool HasEnded => _process.HasExited;

    /// <summary>The memory in RAM now, in bytes (VmRSS).</summary>
    public long MemoryNow => Memory("VmRSS:");

    /// <summary>The largest memory in RAM since the start or the last reset, in bytes (VmHWM).</summary>
    public long PeakMemory => Memory("VmHWM:");

    /// <summary>Waits for the end of a command.</summary>
    /// <returns>The exit code, and the largest memory in RAM, in bytes, as often as it could be read.</returns>
    public async Task<(int ExitCode, long PeakMemory)> PeakUntilExitAsync()
    {
        var (exit, peak) = (ExitAsync(), 0L);
        while (!exit.IsCompleted)
        {
            try
            {
                peak = Math.Max(peak, PeakMemory);
            }
            catch (Exception e) when (e is IOException or InvalidOperationException)
            {
                // It is ending, and has no memory any more.
            }

            await Task.WhenAny(exit, Task.Delay(PollInterval));
        }

        return (await exit, peak);
    }

    /// <summary>Begins to measure <see cref="PeakMemory"/> anew.</summary>
    /// <returns>The memory in RAM now, in bytes (VmRSS).</returns>
    public long ResetPeakMemory()
    {
        File.WriteAllText($"/proc/{_process.Id}/clear_refs", "5"); // proc(5): resets the peak
        return MemoryNow;
    }

    private long Memory(string field) => 1024 * long.Parse(
        File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith(field, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2],
        System.Globalization.CultureInfo.InvariantCulture);

    /// <returns>The exit code, once all output has been read.</returns>
    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(WaitTimeout);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync().WaitAsync(WaitTimeout);
        }

        _process.Dispose();
        // There may have been no waiting caller.
        _ = _listening.Task.Exception;
    }

    private static void Keep(StringBuilder text, string? line)
    {
        lock (text)
            text.AppendLine(line);
    }

    private static string Read(StringBuilder text)
    {
        lock (text)
            return text.ToString();
    }
}
