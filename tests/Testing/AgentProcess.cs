using System.Diagnostics;
using System.Text;

namespace MrfAd.Testing;

/// <summary>The real <c>mrfad</c>, as a process of its own.</summary>
public sealed class AgentProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();
    private readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private AgentProcess(string[] arguments, IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "mrfad"), arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
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

    public static AgentProcess Start(string[] arguments, IReadOnlyDictionary<string, string>? environment = null) =>
        new(arguments, environment ?? new Dictionary<string, string>());

    /// <summary>Runs a command to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        await using var agent = Start(arguments);
        return (await agent.ExitAsync(), agent.Output, agent.Log);
    }

    /// <summary>Standard output so far.</summary>
    public string Output => Read(_output);

    /// <summary>Standard error so far: the log.</summary>
    public string Log => Read(_errors);

    /// <returns>Where <c>run</c> serves HTTP, when it does.</returns>
    public Task<Uri> ListeningAsync() => _listening.Task.WaitAsync(Patience);

    /// <param name="name">"TERM", "INT" or "KILL".</param>
    public Task SignalAsync(string name) => Signals.SendAsync(_process, name);

    /// <returns>The exit code, and then all output is there.</returns>
    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Patience);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync().WaitAsync(Patience);
        }

        _process.Dispose();
        // Nobody may have asked.
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
