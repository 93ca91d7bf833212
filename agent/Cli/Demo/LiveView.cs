using System.Globalization;
using MrfAd.Contracts;
using Spectre.Console;

namespace MrfAd.Cli.Demo;

/// <summary>Shows progress bars and a table that is updated in place, for terminals.</summary>
public sealed class LiveView(IAnsiConsole console) : IDemoView
{
    private const int Latest = 12;
    private const int BarWidth = 24;

    public Task StepAsync(string what, int total, Func<Action, Task> work) => console.Progress()
        .Columns(new SpinnerColumn(), new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
        .StartAsync(async progress =>
        {
            var task = progress.AddTask(Markup.Escape(what), maxValue: total);
            await work(() => task.Increment(1));
            task.Value = task.MaxValue;
        });

    public Task JudgeAsync(IReadOnlyList<JudgedPart> judged, int total, Func<Action, Task> work) =>
        console.Live(Render(judged, total)).StartAsync(live => work(() => live.UpdateTarget(Render(judged, total))));

    private static Rows Render(IReadOnlyList<JudgedPart> judged, int total)
    {
        var table = new Table().Border(TableBorder.Rounded).Expand()
            .Title(string.Create(CultureInfo.InvariantCulture, $"[bold]{judged.Count} of {total} parts judged over MQTT[/]"))
            .AddColumns("part", "verdict", "score, [dim]│ is the threshold[/]", "ms", "");
        table.Columns[3].RightAligned();
        foreach (var part in judged.TakeLast(Latest))
        {
            table.AddRow(
                Markup.Escape(part.Part.Name),
                $"[{VerdictColour(part)}]{part.Verdict.Verdict.ToText()}[/]",
                Bar(part),
                part.Latency.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture),
                part.Outcome is Outcome.Found or Outcome.Passed ? $"[dim]{DemoTally.Text(part.Outcome)}[/]" : $"[yellow]{DemoTally.Text(part.Outcome)}[/]");
        }

        return new Rows(table, new DemoTally(judged).Kinds());
    }

    // The threshold is in the middle of the bar.
    private static string Bar(JudgedPart part)
    {
        if (part.Verdict is not { Score: { } score, Threshold: { } threshold })
            return "";
        var filled = (int)Math.Clamp(score / threshold * (BarWidth / 2f), 0, BarWidth);
        var bar = new string('█', filled).PadRight(BarWidth, '·').Insert(BarWidth / 2, "│");
        return string.Create(CultureInfo.InvariantCulture, $"[{VerdictColour(part)}]{bar}[/] {score:0.00}");
    }

    private static string VerdictColour(JudgedPart part) => part.Verdict.Verdict switch
    {
        Verdict.Ok => "green",
        Verdict.Ng => "red",
        _ => "yellow",
    };
}
