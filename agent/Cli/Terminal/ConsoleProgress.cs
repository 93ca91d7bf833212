using MrfAd.Engine.Banks;
using Spectre.Console;

namespace MrfAd.Cli.Terminal;

/// <summary>Shows progress on standard error: a bar with the remaining time on a terminal, otherwise one line for each stage.</summary>
internal static class ConsoleProgress
{
    public static T Run<T>(Func<IProgress<LearnProgress>, T> work)
    {
        if (Console.IsErrorRedirected)
            return work(new StageLines());
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return console.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(context => work(new Bars(context)));
    }

    public static async Task<T> RunAsync<T>(Func<IProgress<LearnProgress>, Task<T>> work)
    {
        if (Console.IsErrorRedirected)
            return await work(new StageLines());
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return await console.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(context => work(new Bars(context)));
    }

    private sealed class StageLines : IProgress<LearnProgress>
    {
        public void Report(LearnProgress value)
        {
            if (value.Done == value.Total)
                Console.Error.WriteLine($"{value.Stage}: {value.Total} of {value.Total}");
        }
    }

    private sealed class Bars(ProgressContext context) : IProgress<LearnProgress>
    {
        private readonly Dictionary<string, ProgressTask> _tasks = [];

        public void Report(LearnProgress value)
        {
            if (!_tasks.TryGetValue(value.Stage, out var task))
                _tasks[value.Stage] = task = context.AddTask(value.Stage, maxValue: value.Total);
            task.Value = value.Done;
        }
    }
}
