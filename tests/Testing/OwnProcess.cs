using System.Diagnostics;
using System.Text;
using Xunit;

namespace MrfAd.Testing;

/// <summary>Runs the body of a test in a separate process, for tests of process-wide state such as the order in which libraries are loaded.</summary>
public static class OwnProcess
{
    private const string Mark = "MRFAD_TEST_PROCESS";

    private static TimeSpan WaitTimeout => TestTimeout.Value * 5;

    /// <summary>Returns true in the process that <see cref="RunAsync"/> has started.</summary>
    public static bool IsInside => Environment.GetEnvironmentVariable(Mark) is not null;

    /// <summary>Starts the current test again in a new process, which runs the body; fails where it fails there or the process dies.</summary>
    /// <param name="environment">Environment variables of the new process, added to the inherited ones.</param>
    public static async Task RunAsync(Func<Task> body, IReadOnlyDictionary<string, string>? environment = null)
    {
        var test = (Xunit.v3.IXunitTestMethod)TestContext.Current.TestMethod!;
        var name = $"{test.TestClass.TestClassName}.{test.MethodName}";
        if (Environment.GetEnvironmentVariable(Mark) == name)
        {
            await body();
            return;
        }

        var assembly = test.Method.DeclaringType!.Assembly;
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, assembly.GetName().Name!), ["-method", name, "-noColor", "-noLogo"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { [Mark] = name },
        };
        foreach (var (key, value) in environment ?? new Dictionary<string, string>())
            start.Environment[key] = value;
        using var process = Process.Start(start)!;
        var said = new StringBuilder();
        var output = Task.WhenAll(KeepAsync(process.StandardOutput), KeepAsync(process.StandardError));
        try
        {
            await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(WaitTimeout);
            await output.WaitAsync(WaitTimeout);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }

        Assert.True(process.ExitCode == 0, $"ended with {process.ExitCode}:\n{said}");
        // The process also succeeds where no test had that name.
        Assert.Contains("Total: 1", said.ToString(), StringComparison.Ordinal);

        async Task KeepAsync(StreamReader reader)
        {
            while (await reader.ReadLineAsync() is { } line)
            {
                lock (said)
                    said.AppendLine(line);
            }
        }
    }
}
