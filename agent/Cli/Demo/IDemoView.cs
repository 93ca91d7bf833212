namespace MrfAd.Cli.Demo;

/// <summary>How a demo shows that it goes on.</summary>
public interface IDemoView
{
    /// <param name="total">How often the work will call its argument.</param>
    Task StepAsync(string what, int total, Func<Action, Task> work);

    /// <summary>Ends with a table of all kinds.</summary>
    /// <param name="judged">Grows by one part before each call of the work's argument.</param>
    /// <param name="total">How many it will be.</param>
    Task JudgeAsync(IReadOnlyList<JudgedPart> judged, int total, Func<Action, Task> work);
}
