using System.Globalization;
using MrfAd.Agent.Reporting;

namespace MrfAd.Agent.Demo;

/// <summary>One line for each thing done: for logs, pipes and CI.</summary>
public sealed class PlainView(TextWriter output, TimeProvider clock) : IDemoView
{
    public async Task StepAsync(string what, int total, Func<Action, Task> work)
    {
        await output.WriteLineAsync($"{what} …");
        var start = clock.GetTimestamp();
        await work(() => { });
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"  done in {clock.GetElapsedTime(start).TotalSeconds:0.0} s"));
    }

    public Task JudgeAsync(int total, Func<Action<JudgedPart>, Task> work)
    {
        var count = 0;
        return work(judged =>
        {
            var verdict = judged.Verdict;
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{++count,4}/{total}  {judged.Part.Name,-24} {verdict.Verdict.ToText(),-7} {verdict.Score,8:0.000} (threshold {verdict.Threshold:0.000})  {judged.Latency.TotalMilliseconds,6:0} ms  {DemoTally.Text(judged.Outcome)}"));
        });
    }
}
