using System.Diagnostics;
using System.Runtime.InteropServices;
using MrfAd.Platform;

namespace MrfAd.Cli.Demo;

/// <summary>
/// A process that never outlives this one: it is told to end when disposed, killed when it does not, and killed by the kernel
/// when we vanish. Ctrl-C reaches only us, so that we can end our children in order. What it prints goes to a file.
/// </summary>
public sealed partial class ChildProcess : IAsyncDisposable
{
    private const int Sigterm = 15;
    private const string Setpriv = "/usr/bin/setpriv";

    // The agent finishes the frame in hand and says goodbye, for 5 s at most.
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(10);

    // For waiters that come late, and for last words.
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

    /// <param name="logPath">Written anew; holds both output streams.</param>
    /// <exception cref="IOException">It cannot be started.</exception>
    public static async Task<ChildProcess> StartAsync(string executable, IReadOnlyList<string> arguments, string logPath)
    {
        // setsid: a session of its own, which the terminal's Ctrl-C does not reach.
        string[] command = File.Exists(Setpriv) ? [Setpriv, "--pdeathsig", "KILL", "--", "setsid", executable, .. arguments] : [executable, .. arguments];
        var child = new ChildProcess(
            new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true }, logPath);
        var started = new TaskCompletionSource();
        // The kernel's signal is sent when the thread ends that started the child: this one stays as long as the child.
        new Thread(() => child.Run(started)) { IsBackground = true, Name = Path.GetFileName(executable) }.Start();
        await started.Task;
        return child;
    }

    /// <summary>Starts this program again, in the way it was started.</summary>
    /// <inheritdoc cref="StartAsync"/>
    public static Task<ChildProcess> StartSelfAsync(IReadOnlyList<string> arguments, string logPath)
    {
        var self = Environment.ProcessPath ?? "dotnet";
        var assembly = typeof(ChildProcess).Assembly;
        return Path.GetFileName(self) == assembly.GetName().Name
            ? StartAsync(self, arguments, logPath)
            : StartAsync(Path.GetFileName(self) == "dotnet" ? self : "dotnet", [assembly.Location, .. arguments], logPath);
    }

    /// <summary>Waits for a line that the process prints, or has printed already.</summary>
    /// <exception cref="IOException">It ended before, or did not print it in time.</exception>
    public async Task<string> LineAsync(Func<string, bool> wanted, TimeSpan patience, CancellationToken cancellationToken)
    {
        var found = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lines)
        {
            if (_lines.Find(line => wanted(line)) is { } line)
                return line;
            _waiters.Add((wanted, found));
        }

        var ready = Task.WhenAny(found.Task, _ended.Task);
        if (await Task.WhenAny(ready, Task.Delay(patience, cancellationToken)) != ready)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw Failure($"was not ready within {patience.TotalSeconds:0} s");
        }

        return found.Task.IsCompleted ? await found.Task : throw Failure("ended by itself");
    }

    /// <summary>Waits for something that cannot happen once the process has ended.</summary>
    /// <exception cref="IOException">It ended before; the text holds its last words.</exception>
    public async Task<T> WhileAliveAsync<T>(Task<T> work)
    {
        await Task.WhenAny(work, _ended.Task);
        return work.IsCompleted ? await work : throw Failure("ended by itself");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_ended.Task.IsCompleted)
        {
            // At worst it ends by itself just now; its id is not given to another process that soon.
            _ = Kill(_process.Id, Sigterm);
            try
            {
                await _ended.Task.WaitAsync(Farewell);
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
