using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Docs;

/// <summary>A command line that bash runs.</summary>
public sealed partial class ShellCommand : IAsyncDisposable
{
    // Generous: these only end a command that hangs.
    private static TimeSpan WaitTimeout => TestTimeout.Value * 5;

    private static TimeSpan PrintTimeout => TestTimeout.Value * 2;

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();
    private TaskCompletionSource _printed = NewSignal();

    private ShellCommand(string line, string folder, IReadOnlyDictionary<string, string> environment)
    {
        Line = line;
        var start = new ProcessStartInfo("bash", ["-c", line])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, data) => Keep(_output, data.Data);
        _process.ErrorDataReceived += (_, data) => Keep(_errors, data.Data);
        _process.Exited += (_, _) => Signal();
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Line { get; }

    /// <summary>The standard output so far.</summary>
    public string Output => Read(_output);

    /// <summary>The standard output and the standard error so far.</summary>
    public string Printed => Read(_output) + Read(_errors);

    /// <param name="input">The text that the user types.</param>
    public static ShellCommand Start(string line, string folder, IReadOnlyDictionary<string, string> environment, string input)
    {
        var command = new ShellCommand(line, folder, environment);
        try
        {
            command._process.StandardInput.Write(input);
            command._process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The command has ended and read nothing.
        }

        return command;
    }

    /// <summary>Completes when the command has printed a text that matches; fails where it ends before.</summary>
    public async Task PrintedAsync(Regex pattern)
    {
        using var timeout = new CancellationTokenSource(PrintTimeout);
        while (!timeout.IsCancellationRequested)
        {
            var next = Volatile.Read(ref _printed).Task;
            if (pattern.IsMatch(Printed))
                return;
            Assert.False(_process.HasExited, $"'{Line}' ended without '{pattern}':\n{Printed}");
            await next.WaitAsync(timeout.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        }

        Assert.Fail($"'{Line}' has not printed '{pattern}':\n{Printed}");
    }

    /// <summary>Waits for the end of the command; fails where it has printed an exception instead of a sentence.</summary>
    /// <returns>The exit code, once all output has been read.</returns>
    public async Task<int> ExitAsync()
    {
        try
        {
            await _process.WaitForExitAsync().WaitAsync(WaitTimeout);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"'{Line}' has not ended:\n{Printed}");
        }

        Assert.False(StackTrace().IsMatch(Printed), $"'{Line}' printed an exception:\n{Printed}");
        return _process.ExitCode;
    }

    /// <summary>Ends the command with SIGTERM.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> StopAsync()
    {
        await Signals.SendAsync(_process, "TERM");
        return await ExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync().WaitAsync(WaitTimeout);
        }

        _process.Dispose();
    }

    // Of .NET or of Node.js.
    [GeneratedRegex(@"Unhandled exception|^\s+at \S+\(.*\)", RegexOptions.Multiline)]
    private static partial Regex StackTrace();

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Signal() => Interlocked.Exchange(ref _printed, NewSignal()).TrySetResult();

    private void Keep(StringBuilder text, string? line)
    {
        if (line is null)
            return;
        lock (text)
            text.AppendLine(line);
        Signal();
    }

    private static string Read(StringBuilder text)
    {
        lock (text)
            return text.ToString();
    }
}
