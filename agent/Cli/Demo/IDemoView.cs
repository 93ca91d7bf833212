namespace MrfAd.Cli.Demo;

/// <summary>Shows the progress of a demo.</summary>
public interface IDemoView
{
    /// <summary>Shows the progress of one step.</summary>
    /// <param name="what">Description of the step.</param>
    /// <param name="total">Number of times that <paramref name="work"/> calls the action it is given.</param>
    /// <param name="work">The step itself.</param>
    Task StepAsync(string what, int total, Func<Action, Task> work);

    /// <summary>Shows each judged part, and at the end a table of all kinds of parts.</summary>
    /// <param name="judged">The parts judged so far; one is added before each call of the action.</param>
    /// <param name="total">Number of parts to judge.</param>
    /// <param name="work">Judges the parts, and calls the action it is given after each.</param>
    Task JudgeAsync(IReadOnlyList<JudgedPart> judged, int total, Func<Action, Task> work);
}
