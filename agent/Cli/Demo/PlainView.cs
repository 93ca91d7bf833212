using System.Globalization;
using MrfAd.Contracts;
using Spectre.Console;

namespace MrfAd.Cli.Demo;

/// <summary>Prints one line for each step and part, for logs, pipes and CI.</summary>
public sealed class PlainView(IAnsiConsole console, TimeProvider clock) : IDemoView
{
    // Spectre's console would wrap long lines.
    private readonly TextWriter _output = console.Profile.Out.Writer;

    public async Task StepAsync(string what, int total, Func<Action, Task> work)
    {
        await _output.WriteLineAsync($"{what} …");
        var start = clock.GetTimestamp();
        await work(() => { });
        await _output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"  done in {clock.GetElapsedTime(start).TotalSeconds:0.0} s"));
    }

    public async Task JudgeAsync(IReadOnlyList<JudgedPart> judged, int total, Func<Action, Task> work)
    {
        await work(() => Write(judged[^1], judged.Count, total));
        console.Write(new DemoTally(judged).Kinds());
    }

    private void Write(JudgedPart part, int count, int total)
    {
        var verdict = part.Verdict;
        var why = verdict.Score is null ? verdict.Reason : string.Create(CultureInfo.InvariantCulture, $"{verdict.Score,7:0.000} (threshold {verdict.Threshold:0.000})");
        _output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{count,4}/{total}  {part.Part.Name,-24} {verdict.Verdict.ToText(),-7} {part.Latency.TotalMilliseconds,6:0} ms  {DemoTally.Text(part.Outcome),-11} {why}"));
    }
}
