namespace MrfAd.Agent.Demo;

/// <summary>How a demo shows that it goes on.</summary>
public interface IDemoView
{
    /// <param name="total">How often the work will call its argument.</param>
    Task StepAsync(string what, int total, Func<Action, Task> work);

    /// <param name="total">How many parts the work will hand to its argument.</param>
    Task JudgeAsync(int total, Func<Action<JudgedPart>, Task> work);
}
