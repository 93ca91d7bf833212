using System.Diagnostics;
using System.Runtime.InteropServices;
using MrfAd.Platform;
using MrfAd.Station.Options;

namespace MrfAd.Cli.Demo;

/// <summary>
/// A child process that never outlives this one: it gets SIGTERM when disposed, SIGKILL if it does not end, and is killed by the kernel
/// if this process dies. Ctrl-C reaches only this process, which then ends its children in order. The output goes to a log file.
/// </summary>
public sealed partial class ChildProcess : IAsyncDisposable
{
    private const int Sigterm = 15;
    private const string Setpriv = "/usr/bin/setpriv";

    // On SIGTERM the agent finishes its current frame and announces that it stops, for 5 s at most.
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(10);

    // For waiters that are registered late, and for the error text when the process ends.
    private const int LinesKept = 200;

    private readonly StreamWriter _log;
    private readonly string _logPath;
    private readonly Process _process;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<(Func<string, bool> Wanted, TaskCompletionSource<string> Found)> _waiters = [];
    private readonly List<string> _lines = [];

    private ChildProcess(ProcessStartInfo start, string logPath)
    {
        _logPath = logPath;
        _log = new StreamWriter(UserFiles.Open(logPath, FileMode.Create, FileAccess.Write)) { AutoFlush = true };
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => OnLine(line.Data);
        _process.ErrorDataReceived += (_, line) => OnLine(line.Data);
    }

    public int Id => _process.Id;

    /// <param name="logPath">File for both output streams; an existing one is overwritten.</param>
    /// <exception cref="IOException">The program cannot be started.</exception>
    public static async Task<ChildProcess> StartAsync(string executable, IReadOnlyList<string> arguments, string logPath)
    {
        // setsid starts a new session, which the terminal's Ctrl-C does not reach.
        string[] command = File.Exists(Setpriv) ? [Setpriv, "--pdeathsig", "KILL", "--", "setsid", executable, .. arguments] : [executable, .. arguments];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        // Settings for a station of the caller's are none for this one.
        foreach (var setting in start.Environment.Keys.Where(name => name.StartsWith(StationConfig.VariablePrefix, StringComparison.Ordinal)).ToArray())
            start.Environment.Remove(setting);
        var child = new ChildProcess(start, logPath);
        var started = new TaskCompletionSource();
        // The kernel sends the signal when the thread that started the child ends, so this thread lives as long as the child.
        new Thread(() => child.Run(started)) { IsBackground = true, Name = Path.GetFileName(executable) }.Start();
        await started.Task;
        return child;
    }

    /// <summary>Starts this program again with other arguments, in the way it was started itself.</summary>
    /// <inheritdoc cref="StartAsync"/>
    public static Task<ChildProcess> StartSelfAsync(IReadOnlyList<string> arguments, string logPath)
    {
        var self = Environment.ProcessPath ?? "dotnet";
        var assembly = typeof(ChildProcess).Assembly;
        return Path.GetFileName(self) == assembly.GetName().Name
            ? StartAsync(self, arguments, logPath)
            : StartAsync(Path.GetFileName(self) == "dotnet" ? self : "dotnet", [assembly.Location, .. arguments], logPath);
    }

    /// <summary>Waits for a line of output, which the process may have printed already.</summary>
    /// <exception cref="IOException">The process ended before, or did not print the line within the timeout.</exception>
    public async Task<string> LineAsync(Func<string, bool> wanted, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var found = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lines)
        {
            if (_lines.Find(line => wanted(line)) is { } line)
                return line;
            _waiters.Add((wanted, found));
        }

        var ready = Task.WhenAny(found.Task, _ended.Task);
        if (await Task.WhenAny(ready, Task.Delay(timeout, cancellationToken)) != ready)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw Failure($"was not ready within {timeout.TotalSeconds:0} s");
        }

        return found.Task.IsCompleted ? await found.Task : throw Failure("ended by itself");
    }

    /// <summary>Waits for a task that cannot complete after the process has ended.</summary>
    /// <exception cref="IOException">The process ended first; the text holds its last lines of output.</exception>
    public async Task<T> WhileAliveAsync<T>(Task<T> work)
    {
        await Task.WhenAny(work, _ended.Task);
        return work.IsCompleted ? await work : throw Failure("ended by itself");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_ended.Task.IsCompleted)
        {
            // The process may end by itself at this moment; its id is not reused that soon.
            _ = Kill(_process.Id, Sigterm);
            try
            {
                await _ended.Task.WaitAsync(ShutdownTimeout);
            }
            catch (TimeoutException)
            {
                _process.Kill();
                await _ended.Task;
            }
        }

        _process.Dispose();
        await _log.DisposeAsync();
    }

    private void Run(TaskCompletionSource started)
    {
        try
        {
            _process.Start();
        }
        catch (Exception e)
        {
            _ended.SetResult();
            started.SetException(new IOException($"cannot start {_process.StartInfo.FileName}: {e.Message}", e));
            return;
        }

        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        started.SetResult();
        _process.WaitForExit();
        _ended.SetResult();
    }

    private void OnLine(string? line)
    {
        if (line is null)
            return;
        lock (_lines)
        {
            _log.WriteLine(line);
            _lines.Add(line);
            if (_lines.Count > LinesKept)
                _lines.RemoveAt(0);
            foreach (var (_, found) in _waiters.Where(waiter => waiter.Wanted(line)))
                found.TrySetResult(line);
        }
    }

    private IOException Failure(string what)
    {
        lock (_lines)
            return new IOException($"{Path.GetFileNameWithoutExtension(_logPath)} {what}: {string.Join(" | ", _lines.TakeLast(3))} (all of it: {_logPath})");
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
